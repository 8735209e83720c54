// Import first: node:sqlite announces on every start that it is experimental. Telemetra knows; its users need not.
const emitWarning = process.emitWarning;

process.emitWarning = function (warning, ...rest) {
  const type = typeof rest[0] === 'string' ? rest[0] : rest[0]?.type;
  if (type === 'ExperimentalWarning' && String(warning).includes('SQLite')) return;
  emitWarning.call(process, warning, ...rest);
};
