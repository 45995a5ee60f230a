// Bytes and texts: the parts of Node's Buffer that scripts use, and the web's encoders.
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]));
VALUES.set("-", 62);
VALUES.set("_", 63);

function utf8(text) {
  const bytes = [];
  for (const letter of String(text)) {
    let code = letter.codePointAt(0);
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return bytes;
}
function fromUtf8(bytes) {
  const parts = [];
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i];
    const size = first < 0x80 ? 1 : first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    let code = size === 1 ? first : size === 2 ? first & 31 : size === 3 ? first & 15 : first & 7;
    let read = 1;
    while (read < size && i + read < bytes.length && (bytes[i + read] & 0xc0) === 0x80) code = (code << 6) | (bytes[i + read++] & 63);
    const least = [0, 0, 0x80, 0x800, 0x10000][size];
    const good = size > 0 && size < 5 && read === size && code >= least && code < 0x110000 && !(code >= 0xd800 && code < 0xe000);
    parts.push(good ? String.fromCodePoint(code) : "\ufffd");
    i += good ? size : Math.max(1, read);
  }
  return parts.join("");
}
function toBase64(bytes, url) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const chunk = (bytes[i] << 16) | ((bytes[i + 1] || 0) << 8) | (bytes[i + 2] || 0);
    text += ALPHABET[chunk >> 18] + ALPHABET[(chunk >> 12) & 63];
    text += i + 1 < bytes.length ? ALPHABET[(chunk >> 6) & 63] : "=";
    text += i + 2 < bytes.length ? ALPHABET[chunk & 63] : "=";
  }
  return url ? text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") : text;
}
function fromBase64(text) {
  const bytes = [];
  let held = 0, bits = 0;
  for (const letter of text) {
    const value = VALUES.get(letter);
    if (value === undefined) continue;
    held = ((held << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) { bits -= 8; bytes.push((held >> bits) & 255); }
  }
  return bytes;
}
function bytesOf(text, encoding) {
  switch (String(encoding || "utf8").toLowerCase()) {
    case "utf8": case "utf-8": return utf8(text);
    case "hex": return (text.match(/^(?:[0-9a-f]{2})*/i)[0].match(/../g) || []).map((pair) => parseInt(pair, 16));
    case "base64": case "base64url": return fromBase64(text);
    case "ascii": case "latin1": case "binary": return Array.from(text, (_, i) => text.charCodeAt(i) & 255);
    case "ucs2": case "ucs-2": case "utf16le": case "utf-16le": {
      const bytes = [];
      for (let i = 0; i < text.length; i += 1) bytes.push(text.charCodeAt(i) & 255, text.charCodeAt(i) >> 8);
      return bytes;
    }
    default: throw new TypeError(`Unknown encoding: ${encoding}`);
  }
}
class Buffer extends Uint8Array {
  static from(value, encoding) {
    if (typeof value === "string") return new Buffer(bytesOf(value, encoding));
    if (value instanceof ArrayBuffer) return new Buffer(new Uint8Array(value));
    if (value && value.type === "Buffer" && Array.isArray(value.data)) return new Buffer(value.data);
    return new Buffer(value);
  }
  static alloc(size, fill) { const made = new Buffer(size); return fill === undefined ? made : made.fill(typeof fill === "string" ? fill.charCodeAt(0) : fill); }
  static allocUnsafe(size) { return new Buffer(size); }
  static isBuffer(value) { return value instanceof Buffer; }
  static byteLength(text, encoding) { return typeof text === "string" ? bytesOf(text, encoding).length : text.length; }
  static concat(list, total) {
    const made = new Buffer(total === undefined ? list.reduce((sum, each) => sum + each.length, 0) : total);
    let at = 0;
    for (const each of list) { made.set(each, at); at += each.length; }
    return made;
  }
  static compare(a, b) { return a.compare(b); }
  toString(encoding, start, end) {
    const bytes = start === undefined && end === undefined ? this : this.subarray(start, end);
    switch (String(encoding || "utf8").toLowerCase()) {
      case "utf8": case "utf-8": return fromUtf8(bytes);
      case "hex": return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      case "base64": return toBase64(bytes);
      case "base64url": return toBase64(bytes, true);
      case "ascii": return Array.from(bytes, (byte) => String.fromCharCode(byte & 127)).join("");
      case "latin1": case "binary": return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
      case "ucs2": case "ucs-2": case "utf16le": case "utf-16le": {
        let text = "";
        for (let i = 0; i + 1 < bytes.length; i += 2) text += String.fromCharCode(bytes[i] | (bytes[i + 1] << 8));
        return text;
      }
      default: throw new TypeError(`Unknown encoding: ${encoding}`);
    }
  }
  toJSON() { return { type: "Buffer", data: Array.from(this) }; }
  compare(other) {
    for (let i = 0; i < Math.min(this.length, other.length); i += 1) if (this[i] !== other[i]) return this[i] < other[i] ? -1 : 1;
    return Math.sign(this.length - other.length);
  }
  equals(other) { return this.compare(other) === 0; }
  write(text, offset = 0, length, encoding) { const bytes = bytesOf(text, encoding).slice(0, this.length - offset); this.set(bytes, offset); return bytes.length; }
  copy(target, at = 0, start = 0, end = this.length) { const part = this.subarray(start, Math.min(end, start + target.length - at)); target.set(part, at); return part.length; }
  readUInt8(at = 0) { return this[at]; }
  readUInt32BE(at = 0) { return ((this[at] << 24) | (this[at + 1] << 16) | (this[at + 2] << 8) | this[at + 3]) >>> 0; }
  readUInt32LE(at = 0) { return ((this[at + 3] << 24) | (this[at + 2] << 16) | (this[at + 1] << 8) | this[at]) >>> 0; }
  writeUInt8(value, at = 0) { this[at] = value; return at + 1; }
  writeUInt32BE(value, at = 0) { for (let i = 3; i >= 0; i -= 1) { this[at + i] = value & 255; value >>>= 8; } return at + 4; }
}
class TextEncoder {
  get encoding() { return "utf-8"; }
  encode(text = "") { return new Uint8Array(utf8(text)); }
}
class TextDecoder {
  get encoding() { return "utf-8"; }
  decode(bytes) { return fromUtf8(bytes ? new Uint8Array(bytes.buffer || bytes, bytes.byteOffset || 0, bytes.byteLength) : []); }
}
module.exports = {
  Buffer, TextEncoder, TextDecoder,
  atob: (text) => Buffer.from(String(text), "base64").toString("latin1"),
  btoa: (text) => Buffer.from(String(text), "latin1").toString("base64"),
  /** Text or bytes as base64, the way they travel to the host. */
  wire: (value, encoding) => (typeof value === "string" ? Buffer.from(value, encoding) : Buffer.from(value)).toString("base64"),
};
