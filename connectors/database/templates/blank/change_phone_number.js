function changePhoneNumber(phoneNumber, newPhoneNumber, verified, callback) {
  // Another number: callback(null, true), or callback(null, false) where there is no such account.
  callback(new Error('Write change_phone_number.'));
}
