/** Where the API stands on a web server, unless somebody mounts it elsewhere. */
export const restBase = '/virtflow/v1';
