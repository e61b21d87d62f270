import { commandsPlugin } from './plugins/commands';
import { completionPlugin } from './plugins/completion';
import { handsPlugin } from './plugins/hands';
import { hubPlugin } from './plugins/hub';
import { importsPlugin } from './plugins/imports';
import { panelPlugin } from './plugins/panel';
import { partsPlugin } from './plugins/parts';
import { servicesPlugin } from './plugins/services';
import { settingsPlugin } from './plugins/settings';
import { settingsTabPlugin } from './plugins/settingsTab';
import { slashPlugin } from './plugins/slash';
import { statusBarPlugin } from './plugins/statusbar';
import { tabsPlugin } from './plugins/tabs';
import { usagePlugin } from './plugins/usage';
import { workbenchPlugin } from './plugins/workbench';

export * from './tokens';

export default [
  hubPlugin,
  partsPlugin,
  slashPlugin,
  workbenchPlugin,
  servicesPlugin,
  panelPlugin,
  tabsPlugin,
  usagePlugin,
  importsPlugin,
  commandsPlugin,
  handsPlugin,
  completionPlugin,
  settingsPlugin,
  settingsTabPlugin,
  statusBarPlugin
];
