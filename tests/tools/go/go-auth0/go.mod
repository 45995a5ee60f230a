module gatehouse.example/go-auth0

go 1.21

require github.com/auth0/go-auth0 v1.17.0

require (
	github.com/PuerkitoBio/rehttp v1.4.0 // indirect
	golang.org/x/oauth2 v0.26.0 // indirect
)
