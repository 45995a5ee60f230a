function remove(id, callback) {
  // id: what login calls user_id. callback(null): gone.
  callback(new Error("delete is not written yet"));
}
