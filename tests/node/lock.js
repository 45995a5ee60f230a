// Lock as a script of a page: bundled by the tests with esbuild.
import { Auth0Lock } from "auth0-lock";

window.Auth0Lock = Auth0Lock;
