/** Views whose code is fetched when they are shown, or when somebody is about to show them. */
export const loadMap = () => import('./map/MapView');
export const loadBranches = () => import('./branches/BranchesView');
export const loadFindBar = () => import('./find/FindBar');
export const loadStars = () => import('./stars/StarsView');
