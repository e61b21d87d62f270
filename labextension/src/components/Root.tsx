import { type Services, ServicesProvider } from './context';
import { Panel } from './Panel';

/** A panel with what it needs: the door through which all drawing code is fetched, when the first panel is shown. */
export function Root({ services }: { services: Services }) {
  return (
    <ServicesProvider value={services}>
      <Panel />
    </ServicesProvider>
  );
}
