import { commandsPlugin } from './plugins/commands';
import { hubPlugin } from './plugins/hub';
import { panelPlugin } from './plugins/panel';
import { partsPlugin } from './plugins/parts';
import { settingsPlugin } from './plugins/settings';

export * from './tokens';

export default [hubPlugin, partsPlugin, panelPlugin, commandsPlugin, settingsPlugin];
