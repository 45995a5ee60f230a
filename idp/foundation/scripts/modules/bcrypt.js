// bcrypt (and bcryptjs): the host computes.
const hashSync = (data, salt = 10) => __ask("bcrypt.hash", { data: String(data), salt });
const compareSync = (data, hash) => __ask("bcrypt.compare", { data: String(data), hash: String(hash) });
const genSaltSync = (rounds = 10) => __ask("bcrypt.salt", Number(rounds));
module.exports = {
  hashSync, compareSync, genSaltSync,
  hash: (data, salt, callback) => __later(callback, () => hashSync(data, salt)),
  compare: (data, hash, callback) => __later(callback, () => compareSync(data, hash)),
  genSalt: (rounds, callback) => (typeof rounds === "function" ? __later(rounds, () => genSaltSync()) : __later(callback, () => genSaltSync(rounds))),
  getRounds: (hash) => Number(String(hash).split("$")[2]),
};
