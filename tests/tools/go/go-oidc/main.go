// A relying party with go-oidc and golang.org/x/oauth2, as their documentation writes one. It answers each line of JSON
// with one: begin (answers the address for the browser), finish (the address that the browser came back to), device
// (begins a device's sign-in), redeem (waits for its end).
// Environment: ISSUER, CLIENT_ID, CLIENT_SECRET, CALLBACK; SSL_CERT_FILE is Go's own.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

type said struct {
	Do  string `json:"do"`
	URL string `json:"url"`
}

type answer map[string]any

type party struct {
	provider *oidc.Provider
	config   oauth2.Config
	verifier string
	device   *oauth2.DeviceAuthResponse
}

func (p *party) begin() (answer, error) {
	p.verifier = oauth2.GenerateVerifier()
	address := p.config.AuthCodeURL("a-state", oidc.Nonce("a-nonce"), oauth2.S256ChallengeOption(p.verifier))
	return answer{"url": address}, nil
}

func (p *party) finish(ctx context.Context, address string) (answer, error) {
	back, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if back.Query().Get("state") != "a-state" {
		return nil, errors.New("another state")
	}
	token, err := p.config.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(p.verifier))
	if err != nil {
		return nil, err
	}
	found, err := p.told(ctx, token, "a-nonce")
	if err != nil {
		return nil, err
	}
	renewed, err := p.config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil {
		return nil, err
	}
	found["renewed"] = renewed.AccessToken != token.AccessToken
	return found, nil
}

func (p *party) told(ctx context.Context, token *oauth2.Token, nonce string) (answer, error) {
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return nil, errors.New("no ID token")
	}
	verified, err := p.provider.Verifier(&oidc.Config{ClientID: p.config.ClientID}).Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	if verified.Nonce != nonce {
		return nil, errors.New("another nonce")
	}
	if verified.AccessTokenHash != "" {
		if err := verified.VerifyAccessToken(token.AccessToken); err != nil {
			return nil, err
		}
	}
	person, err := p.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, err
	}
	if person.Subject != verified.Subject {
		return nil, errors.New("another person")
	}
	return answer{"sub": verified.Subject, "email": person.Email, "verified": person.EmailVerified}, nil
}

func (p *party) start(ctx context.Context) (answer, error) {
	var err error
	p.device, err = p.config.DeviceAuth(ctx)
	if err != nil {
		return nil, err
	}
	return answer{"url": p.device.VerificationURIComplete, "interval": p.device.Interval}, nil
}

func (p *party) redeem(ctx context.Context) (answer, error) {
	token, err := p.config.DeviceAccessToken(ctx, p.device)
	if err != nil {
		return nil, err
	}
	return p.told(ctx, token, "")
}

func (p *party) do(ctx context.Context, asked said) (answer, error) {
	switch asked.Do {
	case "begin":
		return p.begin()
	case "finish":
		return p.finish(ctx, asked.URL)
	case "device":
		return p.start(ctx)
	case "redeem":
		return p.redeem(ctx)
	}
	return nil, errors.New("no such thing")
}

func main() {
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, os.Getenv("ISSUER"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	p := &party{provider: provider, config: oauth2.Config{
		ClientID:     os.Getenv("CLIENT_ID"),
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		Endpoint:     provider.Endpoint(),
		RedirectURL:  os.Getenv("CALLBACK"),
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email", oidc.ScopeOfflineAccess},
	}}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var asked said
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		found, err := p.do(ctx, asked)
		if err != nil {
			found = answer{"problem": err.Error()}
		}
		if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
			os.Exit(1)
		}
	}
}
