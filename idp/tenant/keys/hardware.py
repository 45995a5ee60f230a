"""Signing keys that never leave a hardware security module (PKCS #11; the optional extra ``pkcs11``).

Where ``IDP_HSM`` names a module, RSA keys and keys on P-256 are made there, named by their ``kid``; the row of a key
holds that name instead of the key. Such a key is a private key like any other to whoever signs with it, so that tokens
and XML alike are signed inside. Ed25519 keys and those that clients encrypt to stay where all others are: sealed in the
database.
"""

from __future__ import annotations

import base64
import os
import threading
from importlib import import_module
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PSS
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from idp.foundation.settings import Settings

MARK = "pkcs11:"
"""What stands before the name of a key in its row."""
MADE_HERE = frozenset({"RS256", "RS512", "PS256", "ES256"})
_HASHES = {"sha256": hashes.SHA256, "sha512": hashes.SHA512}
_libraries: dict[tuple[int, str], Any] = {}
_lock = threading.Lock()
_sessions = threading.local()


class ModuleUnavailable(RuntimeError):
    """The module, its token or a key in it can't be reached; the text is for operators."""


def makes(settings: Settings, alg: str) -> bool:
    """Whether keys for that algorithm are made in a module."""
    return settings.pkcs11_module is not None and alg in MADE_HERE


def generate(settings: Settings, alg: str, kid: str, *, bits: int) -> HardwareRsa | HardwareEc:
    """A new key pair in the module, under the name ``kid``. Raises ModuleUnavailable."""
    pkcs11 = _library_of()
    session, id_ = _session(settings), kid.encode()
    kinds = {"SIGN": True, "EXTRACTABLE": False, "SENSITIVE": True}
    template = {getattr(pkcs11.Attribute, name): value for name, value in kinds.items()}
    try:
        if alg == "ES256":
            parameters = session.create_domain_parameters(
                pkcs11.KeyType.EC,
                {pkcs11.Attribute.EC_PARAMS: _util("ec").encode_named_curve_parameters("secp256r1")},
                local=True,
            )
            parameters.generate_keypair(id=id_, label=kid, store=True, private_template=template)
        else:
            session.generate_keypair(pkcs11.KeyType.RSA, bits, id=id_, label=kid, store=True, private_template=template)
    except pkcs11.exceptions.PKCS11Error as error:
        raise ModuleUnavailable(f"the module makes no key: {type(error).__name__}") from error
    return opened(settings, kid)


def opened(settings: Settings, kid: str) -> HardwareRsa | HardwareEc:
    """The key of that name. Raises ModuleUnavailable."""
    pkcs11 = _library_of()
    try:
        public = _session(settings).get_key(object_class=pkcs11.ObjectClass.PUBLIC_KEY, id=kid.encode())
        if public.key_type == pkcs11.KeyType.EC:
            point = _util("ec").encode_ec_public_key(public)
            return HardwareEc(settings, kid, _public(point))
        return HardwareRsa(settings, kid, _public(_util("rsa").encode_rsa_public_key(public), rsa_key=True))
    except pkcs11.exceptions.PKCS11Error as error:
        raise ModuleUnavailable(f"the module has no key {kid}: {type(error).__name__}") from error


class HardwareRsa(rsa.RSAPrivateKey):
    """An RSA key of a module, as the library of keys knows one."""

    def __init__(self, settings: Settings, kid: str, public: Any) -> None:
        self._settings, self._kid, self._public = settings, kid, public

    def sign(self, data: Any, padding: Any, algorithm: Any) -> bytes:  # noqa: D102 - the base class says it
        pkcs11 = _library_of()
        name = _name(algorithm)
        if isinstance(padding, PSS):
            mechanism, parameter = f"{name.upper()}_RSA_PKCS_PSS", _pss(pkcs11, name)
        else:
            mechanism, parameter = f"{name.upper()}_RSA_PKCS", None
        return _signed(self._settings, self._kid, bytes(data), mechanism, parameter)

    def public_key(self) -> Any:  # noqa: D102
        return self._public

    @property
    def key_size(self) -> int:  # noqa: D102
        return int(self._public.key_size)

    def decrypt(self, ciphertext: Any, padding: Any) -> bytes:  # noqa: D102
        raise ModuleUnavailable("keys of the module sign, and do nothing else")

    def private_numbers(self) -> Any:  # noqa: D102
        raise ModuleUnavailable("the key does not leave the module")

    def private_bytes(self, encoding: Any, format: Any, encryption_algorithm: Any) -> bytes:  # noqa: A002, D102
        raise ModuleUnavailable("the key does not leave the module")

    def __copy__(self) -> HardwareRsa:
        return self

    def __deepcopy__(self, memo: Any) -> HardwareRsa:
        return self


class HardwareEc(ec.EllipticCurvePrivateKey):
    """A key on P-256 of a module."""

    def __init__(self, settings: Settings, kid: str, public: Any) -> None:
        self._settings, self._kid, self._public = settings, kid, public

    def sign(self, data: Any, signature_algorithm: Any) -> bytes:  # noqa: D102 - the base class says it
        digest = hashes.Hash(signature_algorithm.algorithm)
        digest.update(bytes(data))
        raw = _signed(self._settings, self._kid, digest.finalize(), "ECDSA", None)
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))

    def public_key(self) -> Any:  # noqa: D102
        return self._public

    @property
    def curve(self) -> Any:  # noqa: D102
        return self._public.curve

    @property
    def key_size(self) -> int:  # noqa: D102
        return int(self._public.key_size)

    def exchange(self, algorithm: Any, peer_public_key: Any) -> bytes:  # noqa: D102
        raise ModuleUnavailable("keys of the module sign, and do nothing else")

    def private_numbers(self) -> Any:  # noqa: D102
        raise ModuleUnavailable("the key does not leave the module")

    def private_bytes(self, encoding: Any, format: Any, encryption_algorithm: Any) -> bytes:  # noqa: A002, D102
        raise ModuleUnavailable("the key does not leave the module")

    def __copy__(self) -> HardwareEc:
        return self

    def __deepcopy__(self, memo: Any) -> HardwareEc:
        return self


def _name(algorithm: Any) -> str:
    if isinstance(algorithm, Prehashed) or algorithm.name not in _HASHES:
        raise ModuleUnavailable(f"keys of the module do not sign with {type(algorithm).__name__}")
    return str(algorithm.name)


def _pss(pkcs11: Any, name: str) -> Any:
    size = _HASHES[name].digest_size
    return getattr(pkcs11.Mechanism, name.upper()), getattr(pkcs11.MGF, name.upper()), size


def _signed(settings: Settings, kid: str, data: bytes, mechanism: str, parameter: Any) -> bytes:
    pkcs11 = _library_of()
    try:
        key = _session(settings).get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, id=kid.encode())
        signature = key.sign(data, mechanism=getattr(pkcs11.Mechanism, mechanism), mechanism_param=parameter)
    except pkcs11.exceptions.PKCS11Error as error:
        _sessions.__dict__.clear()  # the next signature opens another one
        raise ModuleUnavailable(f"the module does not sign: {type(error).__name__}") from error
    return bytes(signature)


def _public(encoded: bytes, *, rsa_key: bool = False) -> Any:
    if not rsa_key:
        return load_der_public_key(encoded)
    body = base64.encodebytes(encoded).decode()
    return load_pem_public_key(f"-----BEGIN RSA PUBLIC KEY-----\n{body}-----END RSA PUBLIC KEY-----\n".encode())


def _session(settings: Settings) -> Any:
    """The session of the thread in this process: threads share no sessions, processes no library."""
    process, session = getattr(_sessions, "open", (None, None))
    if process != os.getpid():
        session = _opened_session(settings)
        _sessions.open = (os.getpid(), session)
    return session


def _opened_session(settings: Settings) -> Any:
    pkcs11 = _library_of()
    place = os.getpid(), str(settings.pkcs11_module)
    try:
        with _lock:
            library = _libraries.get(place)
            if library is None:
                library = pkcs11.lib(str(settings.pkcs11_module))
                if any(module == place[1] for _, module in _libraries):
                    library.reinitialize()  # a fork after the first use
                _libraries[place] = library
        token = library.get_token(token_label=settings.pkcs11_token)
        return token.open(rw=True, user_pin=settings.pkcs11_pin)
    except (pkcs11.exceptions.PKCS11Error, RuntimeError, OSError) as error:
        raise ModuleUnavailable(f"{settings.pkcs11_module}: {type(error).__name__} {error}"[:200]) from error


def _library_of() -> Any:
    try:
        import pkcs11
    except ImportError as error:
        raise ModuleUnavailable("IDP_HSM needs the extra pkcs11 (pip install 'gatehouse-idp[pkcs11]')") from error
    return pkcs11


def _util(name: str) -> Any:
    return import_module(f"pkcs11.util.{name}")
