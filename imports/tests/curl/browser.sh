curl 'https://api.acme.example/users?page=1' \
  -H 'dnt: 1' -H 'referer: https://app.acme.example/' \
  -H 'accept: application/json, text/plain, */*' \
  -H 'accept-language: de-DE,de;q=0.9' \
  -H 'authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl' \
  -H 'content-type: application/json' \
  -H 'sec-ch-ua: "Chromium";v="140"' \
  -b 'sid=5e55i0n-1; theme=dark; lang=de; _ga=GA1.2.1234567.89' \
  -H 'user-agent: Mozilla/5.0' \
  --data-raw $'{"name":"J\u00fcrgen\'s","note":"a\\nb","template":"{{ x }}"}' \
  --compressed ;
curl 'https://api.acme.example/graphql' -X 'POST' -H 'content-type: application/json' --data-raw '{"query":"{ me { id } }"}' --insecure
