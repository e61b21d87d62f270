import { CommandIDs } from '../../tokens';
import { type Commander, text } from './commander';

/** Commands about the model that answers. */
export function addModelCommands(commander: Commander): void {
  const { hub, trans } = commander;
  commander.add(CommandIDs.chooseModel, {
    label: trans.__('Choose a model'),
    caption: trans.__('Open the list of models'),
    execute: () => {
      commander.show().screen.chooseModel();
    }
  });
  commander.add(CommandIDs.parameters, {
    label: trans.__('Parameters'),
    caption: trans.__('Temperature, reasoning, instructions and more for this conversation; presets'),
    execute: () => {
      const session = commander.show();
      session.screen.show('thread');
      session.desk.open('parameters');
    }
  });
  commander.add(CommandIDs.applyPreset, {
    label: trans.__('Go on with a preset'),
    caption: trans.__('Use the model and the parameters of a preset in this conversation'),
    args: { name: { type: 'string', description: 'What the preset is called' } },
    required: ['name'],
    palette: false,
    execute: async (session, args) => {
      await hub.start();
      await hub.presets.load();
      const name = text(args['name']) ?? '';
      const preset = hub.presets.named(name);
      if (!preset) {
        throw new Error(trans.__('There is no preset “%1”.', name));
      }
      await session.writing.apply(preset);
    }
  });
  commander.add(CommandIDs.setModel, {
    label: trans.__('Use a model'),
    caption: trans.__('Let this model answer next'),
    args: { model: { type: 'string', description: 'Id of a model: "openai/gpt-5"' } },
    required: ['model'],
    palette: false,
    execute: async (session, args) => {
      const id = text(args['model']) ?? '';
      await hub.start();
      await hub.catalogue.load();
      if (!hub.catalogue.get(id)) {
        throw new Error(trans.__('There is no model “%1”.', id));
      }
      session.setModel(id);
    }
  });
}
