// mysql2/promise.
const { Connection, Promising } = require("mysql2");
const createPool = (options) => new Promising(new Connection(options));
module.exports = { createPool, createConnection: async (options) => createPool(options).connect() };
