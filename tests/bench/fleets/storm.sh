# The measures of tests/bench/fleets/run in which the fleet moves: a reset storm, and churn. Sourced.

shards=6
each=16667 # 100,002 in all: what one broker of 20,000 files bears
ports=(9921 9922 9923 9924 9925 9926)

# Six fleets, each with a broker of its own on either side; every process has a sixth of each.
storm() {
    local n start
    dns 127.0.1.1
    for n in $(seq $shards); do broker 127.0.1.1 $((1880 + n)); broker 127.0.2.1 $((1880 + n)); done
    for n in $(seq $shards); do fleet $each mqtt 30s 600 "lamps-$n" $((1880 + n)); done >"$room/fleets"
    local processes=() all=$((shards * each))
    for n in $(seq $shards); do
        # Each shard serves on the port after that of the one before it.
        configuration "$room/shard-$n.yaml" "${ports[0]}" <"$room/fleets"
        serin "shard-$n" "$room/shard-$n.yaml" --shard "$n/$shards"
        processes+=("$serin_pid")
    done
    start=$(now)
    await 300 has old $all "${ports[@]}"
    say storm "$all devices in $shards processes on old after $(awk -v a="$start" -v b="$(now)" 'BEGIN { printf "%.0f", b - a }') s"
    say storm "memory of the processes: $(for p in "${processes[@]}"; do resident "$p"; done | awk '{ s += $1 } END { printf "%.0f MB", s / 1e6 }')"
    sleep 30
    dns 127.0.2.1
    sleep 1
    start=$(now)
    "$bin" reset "$room/shard-1.yaml" >"$room/reset.log" 2>&1 &
    pids+=($!)
    storm_curve "$start" $all
    local before lost
    before=$(total 'serin_device_events_total.*event="datapoint",.*side="new"' "${ports[@]}")
    sleep 35
    say storm "datapoints acknowledged on new in 35 s after it: $(($(total 'serin_device_events_total.*event="datapoint",.*side="new"' "${ports[@]}") - before))"
    lost=$(on lost "${ports[@]}")
    say storm "resets obeyed $(total 'serin_device_events_total.*event="reset"' "${ports[@]}"), returned $(total 'serin_device_events_total.*event="returned"' "${ports[@]}"), lost $lost"
    say storm "datapoints that failed: $(total 'serin_device_events_total.*event="datapoint-failed"' "${ports[@]}")"
    clear
}

# A line a second until all are on new: how many stand where, and how long the slowest /metrics took.
storm_curve() { # START ALL
    local port took slowest=0 new=0
    while [ "$new" -lt "$2" ]; do
        : >"$room/scrape"
        for port in "${ports[@]}"; do
            took=$(curl -s -o "$room/scrape-$port" -w '%{time_total}' "http://127.0.0.1:$port/metrics")
            cat "$room/scrape-$port" >>"$room/scrape"
            slowest=$(awk -v a="$slowest" -v b="$took" 'BEGIN { print (b > a) ? b : a }')
        done
        new=$(awk '/^serin_devices.*side="new",state="connected"/ { s += $NF } END { printf "%d", s }' "$room/scrape")
        awk -v at="$(awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", b - a }')" '
            function word(label) { match($0, label "=\"[a-z-]+\""); return substr($0, RSTART + length(label) + 2, RLENGTH - length(label) - 3) }
            /^serin_devices\{/ { place = word("state"); if (place == "connected") place = word("side"); of[place] += $NF }
            END { printf "curve     %6s s  old %d  connecting %d  new %d  lost %d\n", at, of["old"], of["connecting"], of["new"], of["lost"] }
        ' "$room/scrape"
        [ "$(awk -v a="$1" -v b="$(now)" 'BEGIN { print (b - a > 300) }')" = 0 ] || { say storm 'gave up after 300 s'; break; }
        sleep 1
    done
    say storm "the slowest answer of /metrics meanwhile: $slowest s"
}

churn() {
    local minutes=${MINUTES:-20} minute base events
    command -v npm >/dev/null || { say churn 'skipped: npm is not here'; return; }
    npm install --silent --no-fund --no-audit --prefix "$room" mqtt@5 >/dev/null
    cp "$here/peer.mjs" "$room/"
    one_side
    live 10000 mqtt 30s 3000
    base=$full
    node "$room/peer.mjs" churn mqtt://127.0.1.1:1883 10000 100 $((minutes * 60)) &
    pids+=($!)
    for minute in $(seq "$minutes"); do
        sleep 60
        events=$(total 'serin_device_events_total.*event="connected"' 9911)
        say churn "minute $minute: $(awk -v b="$(resident "$serin_pid")" 'BEGIN { printf "%.1f MB", b / 1e6 }') resident, $(on old 9911) in session, $events connects so far"
    done
    say churn "grown by $(per "$(resident "$serin_pid")" "$base" 10000) a device"
    clear
}
