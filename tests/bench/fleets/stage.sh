# What the measures of tests/bench/fleets/run share: brokers, a DNS server, `serin run`, and how it is looked at.
# Sourced. Everything is on loopback, in a folder of its own, and ends with the script.

room=$(mktemp -d)
pids=()
trap 'stop_all; [ -n "${KEEP:-}" ] || rm -rf "$room"' EXIT
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

stop() { # PID...
    kill "$@" 2>/dev/null || true
    wait "$@" 2>/dev/null || true
}
stop_all() { [ ${#pids[@]} = 0 ] || stop "${pids[@]}"; pids=(); }

await() { # SECONDS COMMAND...: until it succeeds
    local left=$(($1 * 5))
    shift
    until "$@"; do
        [ $((left -= 1)) -gt 0 ] || { echo "gave up waiting for: $*" >&2; return 1; }
        sleep 0.2
    done
}
open_port() { (: >"/dev/tcp/$1/$2") 2>/dev/null; }

# A mosquitto at ADDRESS:PORT; with `tls`, behind the certificate of the bench.
broker() { # ADDRESS PORT [tls]
    local file=$room/mosquitto-$1-$2.conf
    {
        echo "listener $2 $1"
        echo 'allow_anonymous true'
        echo "user $(id -un)"
        echo 'max_connections -1'
        echo 'set_tcp_nodelay true'
        echo 'log_type error'
        [ "${3:-}" != tls ] || printf 'cafile %s\ncertfile %s\nkeyfile %s\n' "$room/ca.pem" "$room/broker.pem" "$room/broker.key"
    } >"$file"
    mosquitto -c "$file" >"$room/mosquitto-$1-$2.log" 2>&1 &
    pids+=($!)
    await 10 open_port "$1" "$2"
}

# An EC certificate for mqtt.acme.example, and the CA behind it.
certificates() {
    local curve='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
    # shellcheck disable=SC2086
    openssl req -x509 $curve -keyout "$room/ca.key" -out "$room/ca.pem" -subj /CN=bench -days 2 2>/dev/null
    # shellcheck disable=SC2086
    openssl req $curve -keyout "$room/broker.key" -out "$room/broker.csr" -subj /CN=mqtt.acme.example 2>/dev/null
    openssl x509 -req -in "$room/broker.csr" -CA "$room/ca.pem" -CAkey "$room/ca.key" -CAcreateserial -days 2 \
        -extfile <(echo subjectAltName=DNS:mqtt.acme.example) -out "$room/broker.pem" 2>/dev/null
}

# The zone: mqtt.acme.example is where the file says. Called again it moves.
dns() { # ADDRESS
    printf '%s mqtt.acme.example\n' "$1" >"$room/hosts"
    if [ -n "${dns_pid:-}" ]; then
        kill -HUP "$dns_pid"
        return
    fi
    dnsmasq --keep-in-foreground --no-resolv --no-hosts --addn-hosts="$room/hosts" --listen-address=127.0.0.1 \
        --bind-interfaces --port=5355 --local-ttl=5 --log-facility="$room/dns.log" --user=root --pid-file= &
    dns_pid=$!
    pids+=("$dns_pid")
    await 10 open_port 127.0.0.1 5355
}

# A configuration with fleets only: the text on standard input is that of `devices:`.
configuration() { # FILE PAGE_PORT
    {
        cat <<YAML
cutover:
  name: bench
  names: [mqtt.acme.example]
  sides: { old: { addresses: [127.0.1.1] }, new: { addresses: [127.0.2.1] } }
resolvers: { office: "udp://127.0.0.1:5355" }
serve: 127.0.0.1:$2
YAML
        [ ! -e "$room/ca.pem" ] || echo "trust: [$room/ca.pem]"
        echo 'devices:'
        cat
    } >"$1"
}

serin() { # NAME ARGUMENT...: `serin run` in the background; its process is in $serin_pid
    local name=$1
    shift
    "$bin" run "$@" >"$room/$name.log" 2>&1 &
    serin_pid=$!
    pids+=("$serin_pid")
}

metrics() { curl -sf --max-time 20 "http://127.0.0.1:$1/metrics"; }
# The sum of a metric's samples that match a pattern, over the processes at these page ports.
total() { # PATTERN PORT...
    local pattern=$1 port
    shift
    for port; do metrics "$port" || true; done | awk -v p="$pattern" '$0 ~ p { sum += $NF } END { printf "%d", sum }'
}
# How many devices stand at PLACE (old, new, connecting, lost, ...), over the processes at these page ports.
on() { # PLACE PORT...
    case $1 in
    old | new) total "^serin_devices.*side=\"$1\",state=\"connected\"" "${@:2}" ;;
    *) total "^serin_devices.*state=\"$1\"" "${@:2}" ;;
    esac
}
has() { [ "$(on "$1" "${@:3}")" -ge "$2" ]; }          # PLACE COUNT PORT...

resident() { awk '/VmRSS/ { print $2 * 1024 }' "/proc/$1/status"; }
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
now() { date +%s.%N; }
cpu() { # PID SECONDS: its share of a core
    local before after
    before=$(ticks "$1")
    sleep "$2"
    after=$(ticks "$1")
    awk -v t=$((after - before)) -v s="$2" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.1f %%", t / hz / s * 100 }'
}
