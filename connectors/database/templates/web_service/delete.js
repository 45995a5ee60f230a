// A service of your own behind basic authentication: SERVICE_URL, SERVICE_USER and SERVICE_PASSWORD are values of the
// configuration.
async function remove(id, callback) {
  const service = async function (method, path, content) {
    const basic = Buffer.from(configuration.SERVICE_USER + ':' + configuration.SERVICE_PASSWORD).toString('base64');
    const headers = { authorization: 'Basic ' + basic, 'content-type': 'application/json' };
    const body = content && JSON.stringify(content);
    const answer = await fetch(configuration.SERVICE_URL + path, { method, headers, body });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  };
  const { status, body } = await service('DELETE', '/users/' + encodeURIComponent(id));
  callback(status < 300 || status === 404 ? null : new Error('the service answered ' + status));
}
