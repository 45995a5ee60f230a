import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.*;
import com.nimbusds.oauth2.sdk.auth.*;
import com.nimbusds.oauth2.sdk.dpop.DPoPProofFactory;
import com.nimbusds.oauth2.sdk.dpop.DefaultDPoPProofFactory;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.*;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.*;
import com.nimbusds.oauth2.sdk.tokenexchange.TokenExchangeGrant;
import com.nimbusds.oauth2.sdk.util.JSONObjectUtils;
import com.nimbusds.oauth2.sdk.jarm.JARMValidator;
import com.nimbusds.openid.connect.sdk.*;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.*;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import net.minidev.json.JSONObject;

/**
 * A relying party with the Nimbus OAuth 2.0 SDK. It answers each line of JSON with one: begin (a signed, pushed
 * request; answers the address for the browser), finish (the address that the browser came back to), exchange.
 * Environment: ISSUER, CA (the authority of its certificate), CALLBACK.
 */
public final class Party {
    private static OIDCProviderMetadata metadata;
    private static URI callback;
    private static ClientID clientId;
    private static ECKey key;
    private static final CodeVerifier verifier = new CodeVerifier();
    private static final State state = new State();
    private static final Nonce nonce = new Nonce();
    private static DPoPProofFactory proofs;
    private static com.nimbusds.openid.connect.sdk.Nonce dpopNonce;
    private static int retried;

    public static void main(String[] arguments) throws Exception {
        trust(System.getenv("CA"));
        metadata = OIDCProviderMetadata.resolve(new Issuer(System.getenv("ISSUER")));
        callback = new URI(System.getenv("CALLBACK"));
        proofs = new DefaultDPoPProofFactory(new ECKeyGenerator(Curve.P_256).generate(), JWSAlgorithm.ES256);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JSONObject said = JSONObjectUtils.parse(line);
            Map<String, Object> answer;
            try {
                answer = switch (JSONObjectUtils.getString(said, "do")) {
                    case "begin" -> begin(said);
                    case "finish" -> finish(new URI(JSONObjectUtils.getString(said, "url")));
                    default -> exchange(said);
                };
            } catch (Exception problem) {
                problem.printStackTrace();
                answer = Map.of("problem", String.valueOf(problem));
            }
            System.out.println(new JSONObject(answer).toJSONString());
        }
    }

    private static void trust(String file) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (FileInputStream pem = new FileInputStream(file)) {
            store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trusted.getTrustManagers(), null);
        SSLContext.setDefault(context);
    }

    private static ClientAuthentication authentication() throws Exception {
        URI audience = new URI(metadata.getIssuer().getValue());
        return new PrivateKeyJWT(clientId, audience, JWSAlgorithm.ES256, key.toPrivateKey(), key.getKeyID(), null);
    }

    private static Map<String, Object> begin(JSONObject said) throws Exception {
        clientId = new ClientID(JSONObjectUtils.getString(said, "client_id"));
        key = ECKey.parse(JSONObjectUtils.getString(said, "jwk"));
        AuthenticationRequest plain =
                new AuthenticationRequest.Builder(
                                new ResponseType("code"), new Scope("openid", "email", "offline_access"), clientId, callback)
                        .state(state)
                        .nonce(nonce)
                        .codeChallenge(verifier, CodeChallengeMethod.S256)
                        .responseMode(new ResponseMode("jwt"))
                        .build();
        Date now = new Date();
        JWTClaimsSet.Builder claims =
                new JWTClaimsSet.Builder(plain.toJWTClaimsSet())
                        .issuer(clientId.getValue())
                        .audience(metadata.getIssuer().getValue())
                        .notBeforeTime(now)
                        .expirationTime(new Date(now.getTime() + 300_000));
        JWSHeader header =
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .type(new JOSEObjectType("oauth-authz-req+jwt"))
                        .keyID(key.getKeyID())
                        .build();
        SignedJWT object = new SignedJWT(header, claims.build());
        object.sign(new ECDSASigner(key));
        PushedAuthorizationRequest request =
                new PushedAuthorizationRequest(
                        metadata.getPushedAuthorizationRequestEndpointURI(),
                        authentication(),
                        new AuthorizationRequest.Builder(object, clientId).build());
        PushedAuthorizationResponse response = PushedAuthorizationResponse.parse(request.toHTTPRequest().send());
        if (!response.indicatesSuccess()) return Map.of("problem", response.toErrorResponse().getErrorObject().toString());
        URI pushed = response.toSuccessResponse().getRequestURI();
        AuthorizationRequest asked =
                new AuthorizationRequest.Builder(pushed, clientId)
                        .endpointURI(metadata.getAuthorizationEndpointURI())
                        .build();
        return Map.of("url", asked.toURI().toString());
    }

    private static HTTPResponse proved(HTTPRequest request, AccessToken token) throws Exception {
        String method = request.getMethod().toString();
        for (int attempt = 0; ; attempt++) {
            SignedJWT proof = proofs.createDPoPJWT(method, request.getURI(), token, dpopNonce);
            request.setDPoP(proof);
            HTTPResponse response = request.send();
            if (response.getDPoPNonce() != null) dpopNonce = response.getDPoPNonce();
            boolean wanted = String.valueOf(response.getBody()).contains("use_dpop_nonce")
                    || String.valueOf(response.getWWWAuthenticate()).contains("use_dpop_nonce");
            if (attempt > 0 || !wanted) return response;
            retried++;
        }
    }

    private static OIDCTokenResponse redeemed(AuthorizationGrant grant) throws Exception {
        for (int attempt = 0; ; attempt++) {
            TokenRequest request =
                    new TokenRequest.Builder(metadata.getTokenEndpointURI(), authentication(), grant).build();
            HTTPRequest http = request.toHTTPRequest();
            http.setDPoP(proofs.createDPoPJWT("POST", http.getURI(), dpopNonce));
            HTTPResponse answer = http.send();
            if (answer.getDPoPNonce() != null) dpopNonce = answer.getDPoPNonce();
            TokenResponse response = OIDCTokenResponseParser.parse(answer);
            if (response.indicatesSuccess()) return (OIDCTokenResponse) response.toSuccessResponse();
            ErrorObject error = response.toErrorResponse().getErrorObject();
            if (attempt > 0 || !OAuth2Error.USE_DPOP_NONCE.equals(error)) throw new GeneralException(error);
            retried++;
        }
    }

    private static Map<String, Object> finish(URI url) throws Exception {
        JARMValidator signed =
                new JARMValidator(metadata.getIssuer(), clientId, JWSAlgorithm.ES256, metadata.getJWKSetURI().toURL());
        AuthenticationResponse answer = AuthenticationResponseParser.parse(url, signed);
        AuthenticationSuccessResponse success = answer.toSuccessResponse();
        if (!state.equals(success.getState())) throw new IllegalStateException("state");
        AuthorizationCode code = success.getAuthorizationCode();
        OIDCTokenResponse tokens = redeemed(new AuthorizationCodeGrant(code, callback, verifier));
        IDTokenValidator validator =
                new IDTokenValidator(metadata.getIssuer(), clientId, JWSAlgorithm.ES256, metadata.getJWKSetURI().toURL());
        IDTokenClaimsSet claims = validator.validate(tokens.getOIDCTokens().getIDToken(), nonce);
        AccessToken token = tokens.getOIDCTokens().getAccessToken();
        HTTPRequest asks = new UserInfoRequest(metadata.getUserInfoEndpointURI(), token).toHTTPRequest();
        UserInfoResponse person = UserInfoResponse.parse(proved(asks, token));
        if (!person.indicatesSuccess()) throw new GeneralException(person.toErrorResponse().getErrorObject());
        RefreshToken refresh = tokens.getOIDCTokens().getRefreshToken();
        AccessToken renewed = redeemed(new RefreshTokenGrant(refresh)).getOIDCTokens().getAccessToken();
        TokenIntrospectionRequest about =
                new TokenIntrospectionRequest(metadata.getIntrospectionEndpointURI(), authentication(), renewed);
        TokenIntrospectionResponse told = TokenIntrospectionResponse.parse(about.toHTTPRequest().send());
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("sub", claims.getSubject().getValue());
        found.put("email", person.toSuccessResponse().getUserInfo().getEmailAddress());
        found.put("type", token.getType().getValue());
        found.put("cnf", told.toSuccessResponse().getJWKThumbprintConfirmation().getValue().toString());
        found.put("active", told.toSuccessResponse().isActive());
        found.put("retried", retried);
        return found;
    }

    private static Map<String, Object> exchange(JSONObject said) throws Exception {
        ClientID id = new ClientID(JSONObjectUtils.getString(said, "client_id"));
        ClientAuthentication basic = new ClientSecretBasic(id, new Secret(JSONObjectUtils.getString(said, "secret")));
        TokenExchangeGrant grant =
                new TokenExchangeGrant(
                        new TypelessAccessToken(JSONObjectUtils.getString(said, "token")),
                        TokenTypeURI.parse(JSONObjectUtils.getString(said, "type")));
        TokenRequest request =
                new TokenRequest.Builder(metadata.getTokenEndpointURI(), basic, grant)
                        .scope(new Scope("openid", "email"))
                        .build();
        TokenResponse response = OIDCTokenResponseParser.parse(request.toHTTPRequest().send());
        if (!response.indicatesSuccess()) throw new GeneralException(response.toErrorResponse().getErrorObject());
        AccessToken token = response.toSuccessResponse().getTokens().getAccessToken();
        TokenIntrospectionRequest about =
                new TokenIntrospectionRequest(metadata.getIntrospectionEndpointURI(), basic, token);
        TokenIntrospectionResponse told = TokenIntrospectionResponse.parse(about.toHTTPRequest().send());
        TokenIntrospectionSuccessResponse success = told.toSuccessResponse();
        return Map.of(
                "issued", String.valueOf(token.getIssuedTokenType()),
                "sub", success.getSubject().getValue(),
                "scope", token.getScope().toString());
    }
}
