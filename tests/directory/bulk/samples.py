"""What other products export, as recorded: one person each with everything that comes along."""

from __future__ import annotations

import base64
import hashlib
import json

from tests.directory.bulk.vectors import VECTORS

BCRYPT = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
"""Of ``U*U``."""


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


_PBKDF2 = _b64(hashlib.pbkdf2_hmac("sha256", b"U*U", b"saltsalt", 1000, 32))
_SALT = _b64(b"saltsalt")

AUTH0 = "\n".join(
    json.dumps(each)
    for each in (
        {
            "user_id": "auth0|5f7c8ec7c33c6c004bbafe82",
            "email": "jane@example.com",
            "email_verified": True,
            "name": "Jane Doe",
            "nickname": "jane",
            "picture": "https://example.com/jane.png",
            "user_metadata": {"colour": "blue"},
            "identities": [{"connection": "Username-Password-Authentication", "provider": "auth0", "user_id": "5f7c"}],
            "created_at": "2020-10-06T15:36:39.000Z",
            "updated_at": "2020-10-06T15:36:39.000Z",
            "logins_count": 7,
            "connection": "Username-Password-Authentication",
        },
        {
            "_id": {"$oid": "60425dc43519d90068f82973"},
            "email": "hash@example.com",
            "email_verified": False,
            "passwordHash": BCRYPT,
            "password_set_date": {"$date": "2021-03-05T16:35:16.775Z"},
            "tenant": "acme",
            "connection": "Username-Password-Authentication",
            "_tmp_is_unique": True,
        },
    )
)
OKTA = json.dumps(
    [
        {
            "id": "00ub0oNGTSWTBKOLGLNR",
            "status": "ACTIVE",
            "created": "2013-06-24T16:39:18.000Z",
            "profile": {
                "firstName": "Jane",
                "lastName": "Doe",
                "email": "jane@example.com",
                "login": "jane@example.com",
                "mobilePhone": "555-415-1337",
                "department": "Sales",
            },
            "credentials": {
                "password": {
                    "hash": {
                        "algorithm": "BCRYPT",
                        "workFactor": 5,
                        "salt": BCRYPT[7:29],
                        "value": BCRYPT[29:],
                    }
                },
                "provider": {"type": "OKTA", "name": "OKTA"},
            },
        }
    ]
)
GIGYA = json.dumps(
    {
        "results": [
            {
                "UID": "1de6b6dc0e8a4eb6a1a2c1ee79a5e53a",
                "isActive": True,
                "isVerified": True,
                "registered": "2016-02-11T12:00:00.000Z",
                "emails": {"verified": ["jane@example.com"], "unverified": []},
                "profile": {"firstName": "Jane", "lastName": "Doe", "email": "jane@example.com", "country": "Norway"},
                "data": {"terms": True},
                "password": {
                    "hash": _b64(hashlib.md5(b"saltsaltU*U").digest()),
                    "hashSettings": {"algorithm": "md5", "rounds": 1, "salt": _SALT, "format": "$salt$password"},
                },
            }
        ],
        "totalCount": 1,
    }
)
STORMPATH = json.dumps(
    [
        {
            "href": "https://api.stormpath.com/v1/accounts/3apenYvL0Z9v9spdzpFfey",
            "email": "jane@example.com",
            "givenName": "Jane",
            "surname": "Doe",
            "fullName": "Jane Doe",
            "status": "ENABLED",
            "emailVerificationStatus": "VERIFIED",
            "customData": {"favorite": "green"},
            "password": BCRYPT.replace("$2b$", "$2a$"),
        }
    ]
)
KEYCLOAK = json.dumps(
    {
        "realm": "acme",
        "users": [
            {
                "id": "5b8d9a1c-0d0f-4a75-a8a3-9c7a0a1f3e11",
                "username": "jane",
                "email": "jane@example.com",
                "emailVerified": True,
                "enabled": True,
                "firstName": "Jane",
                "lastName": "Doe",
                "attributes": {"phoneNumber": ["+15550100"], "department": ["Sales"]},
                "credentials": [
                    {
                        "type": "password",
                        "secretData": json.dumps({"value": _PBKDF2, "salt": _SALT, "additionalParameters": {}}),
                        "credentialData": json.dumps({"hashIterations": 1000, "algorithm": "pbkdf2-sha256"}),
                    },
                    {
                        "type": "otp",
                        "secretData": json.dumps({"value": "N2QzkDAsgQGrD2wMyqyx"}),
                        "credentialData": json.dumps(
                            {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
                        ),
                    },
                ],
                "federatedIdentities": [{"identityProvider": "github", "userId": "1", "userName": "jane"}],
                "realmRoles": ["default-roles-acme"],
                "groups": ["/sales"],
            }
        ],
    }
)
_FIREBASE, _ = VECTORS["firebase scrypt"]
FIREBASE = json.dumps(
    {
        "users": [
            {
                "localId": "mY1rN0bUlDh8S4hBzNYp6J7kF1o2",
                "email": "jane@example.com",
                "emailVerified": True,
                "passwordHash": _FIREBASE["hash"]["value"],
                "salt": _FIREBASE["salt"]["value"],
                "displayName": "Jane Doe",
                "phoneNumber": "+15550100",
                "lastSignedInAt": "1486324170000",
                "createdAt": "1486324170000",
                "mfaInfo": [{"mfaEnrollmentId": "1", "phoneInfo": "+15550100"}],
                "providerUserInfo": [{"providerId": "password"}, {"providerId": "google.com", "rawId": "1"}],
            }
        ]
    }
)
FIREBASE_OPTIONS = {name: str(_FIREBASE[name]) for name in ("signer_key", "salt_separator", "rounds", "memory_cost")}
COGNITO = json.dumps(
    {
        "Users": [
            {
                "Username": "jane",
                "Attributes": [
                    {"Name": "sub", "Value": "eaad0219-2117-439f-8d46-4db20e59268f"},
                    {"Name": "email", "Value": "jane@example.com"},
                    {"Name": "email_verified", "Value": "true"},
                    {"Name": "given_name", "Value": "Jane"},
                    {"Name": "custom:plan", "Value": "gold"},
                ],
                "Enabled": True,
                "UserStatus": "CONFIRMED",
            }
        ]
    }
)
SUPABASE = (
    "instance_id,id,aud,role,email,encrypted_password,email_confirmed_at,phone,raw_app_meta_data,raw_user_meta_data\n"
    '0,f2a9e3c2-8a4e-4b31-b0f6-1b1d7a6a0a51,authenticated,authenticated,jane@example.com,"'
    + BCRYPT.replace("$2b$", "$2a$")
    + '",2023-01-01 00:00:00+00,15550100,"{""provider"": ""email""}","{""full_name"": ""Jane Doe""}"\n'
)
CLERK = (
    "id,first_name,last_name,username,primary_email_address,primary_phone_number,verified_email_addresses,"
    "unverified_email_addresses,verified_phone_numbers,unverified_phone_numbers,totp_secret,password_digest,"
    "password_hasher\n"
    f"user_2fA,Jane,Doe,jane,jane@example.com,,jane@example.com,,,,ABCDEFGH234567,{BCRYPT},bcrypt\n"
)
LDIF = f"""version: 1

# a comment that goes
 on
dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: uid=jane,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
entryUUID: 7c1a2a4e-0f7c-103d-8a55-6d6a1f0a0001
uid: jane
cn: Jane
  Doe
sn: Doe
givenName:: {_b64("Jané".encode())}
mail: jane@example.com
mobile: +1 555 0100
userPassword:: {_b64(("{SSHA}" + _b64(hashlib.sha1(b"U*Usalt").digest() + b"salt")).encode())}
jpegPhoto:< file:///tmp/photo.jpg

"""
CSV = (
    "email,email_verified,user_id,name,user_metadata.colour,password_hash,shoe_size\n"
    f'jane@example.com,true,auth0|j,"\'=Jane",blue,{BCRYPT},41\n'
)
