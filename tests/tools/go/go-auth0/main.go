// go-auth0 does the calls that stdin names; prints what it saw as JSON (tests/rp/official).
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"sort"
	"strings"

	"github.com/auth0/go-auth0/management"
)

type row struct {
	Operation string            `json:"operation"`
	Args      []string          `json:"args"`
	Members   any               `json:"members"`
	Keep      map[string]string `json:"keep"`
	By        string            `json:"by"`
}

type caller struct {
	Domain string `json:"domain"`
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
	Token  string `json:"token"`
}

// watcher notes each request of the Management API, and keeps the body of the last answer.
type watcher struct {
	seen [][]any
	body []byte
}

func (w *watcher) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil || !strings.HasPrefix(request.URL.Path, "/api/v2/") {
		return answer, err
	}
	w.body, err = io.ReadAll(answer.Body)
	answer.Body = io.NopCloser(bytes.NewReader(w.body))
	w.seen = append(w.seen, []any{request.Method, request.URL.RequestURI(), answer.StatusCode})
	return answer, err
}

func main() {
	var given struct {
		Callers map[string]caller `json:"callers"`
		Scene   map[string]any    `json:"scene"`
		Calls   []row             `json:"calls"`
	}
	check(json.NewDecoder(os.Stdin).Decode(&given))
	watch := &watcher{}
	clients := map[string]*management.Management{}
	for name, who := range given.Callers {
		how := management.WithClientCredentials(context.Background(), who.ID, who.Secret)
		if who.Token != "" {
			how = management.WithStaticToken(who.Token)
		}
		transport := &http.Client{Transport: watch}
		client, err := management.New(who.Domain, how, management.WithClient(transport), management.WithNoRetries())
		check(err)
		clients[name] = client
	}
	results := []any{}
	for _, call := range given.Calls {
		watch.seen, watch.body = [][]any{}, nil
		answer, err := do(clients[call.By], call, given.Scene, watch)
		if err != nil {
			answer = map[string]any{"failed": err.Error(), "refused": refusal(err, watch)}
		} else {
			for name, path := range call.Keep {
				given.Scene[name] = found(answer, path)
			}
		}
		results = append(results, map[string]any{"answer": answer, "seen": watch.seen})
	}
	check(json.NewEncoder(os.Stdout).Encode(map[string]any{"results": results, "scene": given.Scene}))
}

// do finds the method of the operation and calls it: what stands in the path by position, the rest as the struct that
// the method takes, or as parameters of the query. The answer is what the server sent, once the library has read it.
func do(client *management.Management, call row, scene map[string]any, watch *watcher) (answer any, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	method, known := method(client, call.Operation)
	if !known {
		return nil, fmt.Errorf("go-auth0 has no call for %s", call.Operation)
	}
	args := []string{}
	for _, each := range call.Args {
		args = append(args, filled(each, scene).(string))
	}
	members := body(call.Operation, filled(call.Members, scene))
	in := []reflect.Value{}
	kind := method.Type()
	for index := 0; index < kind.NumIn(); index++ {
		wanted := kind.In(index)
		switch {
		case wanted == reflect.TypeOf((*context.Context)(nil)).Elem():
			in = append(in, reflect.ValueOf(context.Background()))
		case kind.IsVariadic() && index == kind.NumIn()-1:
			for _, option := range parameters(members) {
				in = append(in, reflect.ValueOf(option))
			}
		case wanted.Kind() == reflect.String && len(args) > 0:
			in = append(in, reflect.ValueOf(args[0]).Convert(wanted))
			args = args[1:]
		case wanted.Kind() == reflect.String:
			in = append(in, reflect.ValueOf(taken(members)).Convert(wanted))
		case wanted.Kind() == reflect.Bool:
			in = append(in, reflect.ValueOf(members.(map[string]any)["enabled"]))
		default:
			made := reflect.New(wanted)
			sent, err := json.Marshal(members)
			check(err)
			if err := json.Unmarshal(sent, made.Interface()); err != nil {
				return nil, err
			}
			in, members = append(in, made.Elem()), nil
		}
	}
	out := method.Call(in)
	if failure := out[len(out)-1]; !failure.IsNil() {
		return nil, failure.Interface().(error)
	}
	if len(bytes.TrimSpace(watch.body)) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(watch.body, &answer); err != nil {
		return string(watch.body), nil
	}
	return list(answer), nil
}

// method is the one that the table names, found from the client on.
func method(client *management.Management, operation string) (reflect.Value, bool) {
	path, known := methods[operation]
	if !known {
		return reflect.Value{}, false
	}
	at := reflect.ValueOf(client)
	steps := strings.Split(path, ".")
	for _, name := range steps[:len(steps)-1] {
		at = reflect.Indirect(at).FieldByName(name)
	}
	return at.MethodByName(steps[len(steps)-1]), true
}

// body is what a method takes where it is not what goes over the wire: lists of structs instead of wrapped ids, and
// files as the objects in them.
func body(operation string, members any) any {
	wrapped, is := members.(map[string]any)
	if !is {
		return members
	}
	if file, is := wrapped["users"].(map[string]any); is {
		var users any
		check(json.Unmarshal([]byte(file["$file"].(string)), &users))
		return merged(wrapped, "users", users)
	}
	if page, is := wrapped["template"]; is && operation == "PUT /branding/templates/universal-login" {
		return map[string]any{"body": page}
	}
	if !strings.HasPrefix(operation, "POST") && !strings.HasPrefix(operation, "DELETE") || len(wrapped) != 1 {
		return members
	}
	if permissions, is := wrapped["permissions"]; is {
		return permissions
	}
	for name, id := range map[string]string{"roles": "id", "users": "user_id"} {
		ids, is := wrapped[name].([]any)
		for index, each := range ids {
			ids[index] = map[string]any{id: each}
		}
		if is {
			return ids
		}
	}
	return members
}

func merged(members map[string]any, name string, value any) map[string]any {
	all := map[string]any{}
	for each, was := range members {
		all[each] = was
	}
	all[name] = value
	return all
}

// parameters are what is left for the query.
func parameters(members any) []management.RequestOption {
	options := []management.RequestOption{}
	given, _ := members.(map[string]any)
	for name, value := range given {
		if several, is := value.([]any); is {
			for _, each := range several {
				options = append(options, management.Parameter(name, fmt.Sprint(each)))
			}
			continue
		}
		options = append(options, management.Parameter(name, fmt.Sprint(value)))
	}
	return options
}

// taken is a member that the method takes by position: it is no parameter any more.
func taken(members any) string {
	given := members.(map[string]any)
	for name, value := range given {
		delete(given, name)
		return fmt.Sprint(value)
	}
	return ""
}

// list is the list in an envelope with totals.
func list(answer any) any {
	members, is := answer.(map[string]any)
	_, totals := members["total"]
	_, next := members["next"]
	if !is || !totals && !next && len(members) != 1 {
		return answer
	}
	for name, value := range members {
		if several, is := value.([]any); is && name != "blocked_for" {
			return several
		}
	}
	return answer
}

func refusal(err error, watch *watcher) any {
	refused, is := err.(management.Error)
	if !is {
		return nil
	}
	var said struct {
		Code    string `json:"errorCode"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(watch.body, &said)
	message := said.Message
	if !strings.Contains(refused.Error(), message) {
		message = ""
	}
	return map[string]any{"status": refused.Status(), "code": said.Code, "message": message}
}

func filled(value any, scene map[string]any) any {
	switch of := value.(type) {
	case string:
		names := []string{}
		for name := range scene {
			names = append(names, name)
		}
		sort.Slice(names, func(one, other int) bool { return len(names[one]) > len(names[other]) })
		for _, name := range names {
			of = strings.ReplaceAll(of, "$"+name, fmt.Sprint(scene[name]))
		}
		return of
	case []any:
		all := []any{}
		for _, each := range of {
			all = append(all, filled(each, scene))
		}
		return all
	case map[string]any:
		all := map[string]any{}
		for name, each := range of {
			all[name] = filled(each, scene)
		}
		return all
	}
	return value
}

func found(answer any, path string) any {
	for _, step := range strings.Split(path, ".") {
		switch of := answer.(type) {
		case []any:
			index := 0
			_, err := fmt.Sscan(step, &index)
			check(err)
			answer = of[index]
		case map[string]any:
			answer = of[step]
		}
	}
	return answer
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
