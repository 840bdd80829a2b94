#!/bin/sh
# What people write by hand.
TOKEN=x curl -sSfL -u ann:hunter2-Secret -m 2.5 https://api.acme.example/me | jq .
curl -I api.acme.example/health
curl -G https://api.acme.example/search --data-urlencode 'q=a b&c' -d limit=5
curl -XPUT --http1.1 --json '{"a": 1}' https://api.acme.example/things/1
curl -F note=hello -F 'photo=@cat.png;type=image/png' -H 'X-Api-Key: key-123456' https://api.acme.example/photos
curl --data-binary @body.bin -H 'Content-Type: application/octet-stream' https://api.acme.example/raw
curl -d a=1 -d a=2 --frobnicate --proxy http://10.0.0.1:3128 "https://ann:p%40ss-word@api.acme.example:8443/form#top" && echo done
curl --cert client.pem --key client.key --cacert ca.pem -X DELETE https://api.acme.example/things/1 --next https://api.acme.example/things
curl -d '{"a": 1}' https://api.acme.example/loose
curl https://api.acme.example/charges -u sk_key_4eC39HqLyjWDarjtT1: -d amount=2000
wget -q https://api.acme.example/export --password=hunter2-Secret
curl --retry 2 --retry-delay 1 https://api.acme.example/flaky
