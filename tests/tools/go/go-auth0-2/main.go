// go-auth0-2 does the calls that stdin names with the second major version of go-auth0; prints what it saw as JSON
// (tests/rp/official). A method is found from the client on by the name that auth0-python 6 has for it.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"sort"
	"strings"

	"github.com/auth0/go-auth0/v2/management"
	"github.com/auth0/go-auth0/v2/management/client"
	"github.com/auth0/go-auth0/v2/management/core"
	"github.com/auth0/go-auth0/v2/management/option"
)

type row struct {
	Operation string            `json:"operation"`
	Method    string            `json:"method"`
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
	clients := map[string]*client.Management{}
	for name, who := range given.Callers {
		var how option.RequestOption = option.WithClientCredentials(context.Background(), who.ID, who.Secret)
		if who.Token != "" {
			how = option.WithToken(who.Token)
		}
		through := option.WithHTTPClient(&http.Client{Transport: watch})
		made, err := client.New(who.Domain, how, through, option.WithMaxAttempts(1))
		check(err)
		clients[name] = made
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

// do calls the method: what stands in the path by position, the rest as the request that it takes. The answer is what
// the server sent, once the library has read it.
func do(from *client.Management, call row, scene map[string]any, watch *watcher) (answer any, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	called, known := method(from, call.Method)
	if !known {
		return nil, fmt.Errorf("go-auth0 2 has no call for %s", call.Operation)
	}
	members := filled(call.Members, scene)
	in, args, kind := []reflect.Value{}, call.Args, called.Type()
	for index := 0; index < kind.NumIn(); index++ {
		wanted := kind.In(index)
		switch {
		case wanted == reflect.TypeOf((*context.Context)(nil)).Elem():
			in = append(in, reflect.ValueOf(context.Background()))
		case kind.IsVariadic() && index == kind.NumIn()-1:
		case len(args) > 0 && (wanted.Kind() == reflect.String || pointed(wanted).Kind() == reflect.String):
			in = append(in, made(filled(args[0], scene), wanted))
			args = args[1:]
		default:
			in = append(in, request(members, wanted))
		}
	}
	out := called.Call(in)
	if failure := out[len(out)-1]; !failure.IsNil() {
		return nil, failure.Interface().(error)
	}
	if len(bytes.TrimSpace(watch.body)) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(watch.body, &answer); err != nil {
		return string(watch.body), nil
	}
	if strings.Contains(kind.Out(0).String(), "core.Page[") {
		return list(answer), nil
	}
	return answer, nil
}

// method is the one of that name, whatever the case of its letters.
func method(from *client.Management, name string) (reflect.Value, bool) {
	at := reflect.ValueOf(from)
	steps := strings.Split(name, ".")
	for _, step := range steps[:len(steps)-1] {
		named := like(step)
		at = reflect.Indirect(at).FieldByNameFunc(func(field string) bool { return like(field) == named })
		if !at.IsValid() {
			return at, false
		}
	}
	named := like(steps[len(steps)-1])
	for index := 0; index < at.NumMethod(); index++ {
		if like(at.Type().Method(index).Name) == named {
			return at.Method(index), true
		}
	}
	return reflect.Value{}, false
}

func like(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}

func pointed(kind reflect.Type) reflect.Type {
	if kind.Kind() == reflect.Pointer {
		return kind.Elem()
	}
	return kind
}

// made is a value of that type, read from JSON.
func made(value any, wanted reflect.Type) reflect.Value {
	sent, err := json.Marshal(value)
	must(err)
	into := reflect.New(wanted)
	must(json.Unmarshal(sent, into.Interface()))
	return into.Elem()
}

// request is what a method takes: its members by their names in JSON, those of the query by their tags, and a file.
func request(members any, wanted reflect.Type) reflect.Value {
	given, is := members.(map[string]any)
	if !is || wanted.Kind() != reflect.Pointer {
		return made(members, wanted)
	}
	body := map[string]any{}
	for name, value := range given {
		if file, is := value.(map[string]any); !is || file["$file"] == nil {
			body[name] = value
		}
	}
	into := made(body, wanted)
	if into.IsNil() {
		into = reflect.New(wanted.Elem())
	}
	kind := wanted.Elem()
	for index := 0; kind.Kind() == reflect.Struct && index < kind.NumField(); index++ {
		field := kind.Field(index)
		name, _, _ := strings.Cut(field.Tag.Get("url"), ",")
		if file, is := given[like(field.Name)].(map[string]any); is && file["$file"] != nil {
			content := strings.NewReader(file["$file"].(string))
			sent := management.NewFileParam(content, "users.json", "application/json")
			into.Elem().Field(index).Set(reflect.ValueOf(sent))
		}
		spelled, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if members, is := given[spelled].(map[string]any); is && field.Type.Kind() == reflect.Pointer {
			choose(into.Elem().Field(index), members)
		}
		if value, is := given[name]; is && name != "" && name != "-" {
			set(into.Elem().Field(index), value)
		}
	}
	return into
}

// choose picks the kind of a union that has every one of the members: from JSON alone the library takes the first.
func choose(union reflect.Value, members map[string]any) {
	if union.IsNil() || union.Elem().Kind() != reflect.Struct {
		return
	}
	for index := 0; index < union.Elem().NumField(); index++ {
		kind := union.Elem().Field(index).Type()
		if !union.Elem().Type().Field(index).IsExported() || kind.Kind() != reflect.Pointer || !knows(kind.Elem(), members) {
			continue
		}
		union.Elem().SetZero()
		union.Elem().Field(index).Set(made(members, kind))
		return
	}
}

// knows says whether a struct has a field for each member.
func knows(kind reflect.Type, members map[string]any) bool {
	known := map[string]bool{}
	for index := 0; kind.Kind() == reflect.Struct && index < kind.NumField(); index++ {
		name, _, _ := strings.Cut(kind.Field(index).Tag.Get("json"), ",")
		known[name] = true
	}
	for name := range members {
		if !known[name] {
			return false
		}
	}
	return true
}

// set puts a parameter of the query where it belongs; a single value may stand for a list.
func set(field reflect.Value, value any) {
	if _, several := value.([]any); field.Kind() == reflect.Slice && !several {
		value = []any{value}
	}
	field.Set(made(value, field.Type()))
}

// list is the list in an envelope.
func list(answer any) any {
	members, is := answer.(map[string]any)
	if !is {
		return answer
	}
	for _, value := range members {
		if several, is := value.([]any); is {
			return several
		}
	}
	return answer
}

func refusal(err error, watch *watcher) any {
	var refused *core.APIError
	if !errors.As(err, &refused) {
		return nil
	}
	var said struct {
		Code    string `json:"errorCode"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(watch.body, &said)
	message := said.Message
	if !strings.Contains(err.Error(), message) {
		message = ""
	}
	return map[string]any{"status": refused.StatusCode, "code": said.Code, "message": message}
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
			must(err)
			answer = of[index]
		case map[string]any:
			answer = of[step]
		}
	}
	return answer
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
