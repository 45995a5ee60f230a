// uuid: random ones.
const { randomUUID } = require("crypto");
const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-8][0-9a-f]{3}-[089ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
module.exports = Object.assign(() => randomUUID(), { v4: () => randomUUID(), validate: (text) => SHAPE.test(text), NIL: "00000000-0000-0000-0000-000000000000" });
