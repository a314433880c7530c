#!/bin/sh
# Checks the record of an incident without firsthour: every line against its
# own hash, every link to the line before, the first link to INCIDENT.json,
# the playbook against its pin, and evidence against the hashes in the record.
# Needs a POSIX shell, awk, sed, od, find, xargs and sha256sum. Reads only.
#
#   sh verify.sh FOLDER
#
# Exit code: 0 whole; 1 altered, forked or missing in the middle;
# 2 incomplete (a write cut short, a file not there); 4 cannot be read.
set -u
LC_ALL=C
export LC_ALL

if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo "usage: sh verify.sh FOLDER   (the folder that holds INCIDENT.json)" >&2
    exit 4
fi
cd -- "$1" || exit 4
if [ ! -f INCIDENT.json ] || [ ! -r INCIDENT.json ] || [ ! -d writers ]; then
    echo "CANNOT BE READ: INCIDENT.json or writers/ is not there" >&2
    exit 4
fi
tmp=$(mktemp -d) || exit 4
trap 'rm -rf "$tmp"' EXIT
trap 'exit 4' HUP INT TERM
faults=$tmp/faults
: >"$faults"
: >"$tmp/refs"
: >"$tmp/told"

hash_of() { sha256sum <"$1" | cut -c1-64; }

genesis=$(hash_of INCIDENT.json)
inc=$(sed -n 's/^ *"id": *"\(inc-[a-z0-9-]*\)".*/\1/p' INCIDENT.json | sed -n 1p)
pin=$(sed -n 's/^ *"sha256": *"\([0-9a-f]*\)".*/\1/p' INCIDENT.json | sed -n 1p)
if [ ! -f playbook.md ]; then
    echo "2 playbook.md: it is not there" >>"$faults"
elif [ "$(hash_of playbook.md)" != "$pin" ]; then
    echo "1 playbook.md: it differs from its pin" >>"$faults"
fi

# Takes the lines of one segment apart: each body into a file of its own, to
# be hashed in one go, and a row for each line.
take_apart() {
    awk -v seg="$1" -v dir="$tmp/bodies" -v refs="$tmp/refs" -v told="$tmp/told" -v n0="$2" '
    function digits(s) { return s ~ /^[0-9a-f]+$/ && length(s) == 64 }
    {
        n = n0 + NR; len = length($0); ok = 0; seq = "-"; prev = "-"; inc = "-"; wid = "-"
        claimed = substr($0, len - 65, 64)
        body = substr($0, 1, len - 72)
        if (len > 72 && substr($0, len - 71, 6) == ",\"h\":\"" &&
            substr($0, len - 1) == "\"}" && digits(claimed)) ok = 1
        if (!ok) { body = ""; claimed = "-" }
        if (match(body, /^\{"v":1,"inc":"[^"\\]+","wid":"[^"\\]+","seq":[0-9]+,"prev":"[0-9a-f]+","ts":"/)) {
            split(substr(body, 1, RLENGTH), part, "\"")
            inc = part[6]; wid = part[10]; seq = part[13]; prev = part[16]
            gsub(/[^0-9]/, "", seq)
        } else ok = 0
        recover = index(body, ",\"kind\":\"log.recover\",") > 0
        if (match(body, /,"ev":\[\{.*\}\]$/)) {
            rest = substr(body, RSTART)
            while (match(rest, /"h":"[0-9a-f]+"/)) {
                print substr(rest, RSTART + 5, RLENGTH - 6) > refs
                rest = substr(rest, RSTART + RLENGTH)
            }
        }
        if (recover && match(body, /"bytes":[0-9]+/) && substr(body, RSTART + 8, 1) != "0") {
            if (match(body, /"sha256":"[0-9a-f]+"/))
                print substr(body, RSTART + 10, RLENGTH - 11) > told
        }
        file = sprintf("%s/%09d", dir, n)
        printf "" > file
        ORS = ""; print body > file; ORS = "\n"
        close(file)
        print n, seg, NR, ok, seq, prev, claimed, inc, wid, recover
    }' "$3"
}

# Judges the rows of one writer against the hashes of the bodies.
judge() {
    awk -v wid="$1" -v inc="$2" -v genesis="$3" -v last="$4" -v ends="$tmp/ends" \
        -v hashes="$tmp/hashes" '
    function fault(class, text) { print class " writers/" wid "/" $2 " line " $3 ": " text }
    BEGIN {
        while ((getline row < hashes) > 0) { split(row, p, " "); sub(/.*\//, "", p[2]); h[p[2] + 0] = p[1] }
        while ((getline row < ends) > 0) { split(row, p, " "); end[p[1]] = p[2] }
        next_seq = 0; prev = genesis
    }
    {
        first = ($3 == 1)
        good = $4 && h[$1] == $7
        if (first && held != "") {
            if (!(good && $10)) print held
            held = ""
        }
        # The last line of a segment that does not end as lines do.
        if (($2 in end) && end[$2] + 0 == $3) {
            text = " writers/" wid "/" $2 " line " $3 ": the write was cut short"
            if ($2 == last) print "2" text; else held = "1" text
            next
        }
        if (!good) { fault(1, "the line does not match its own hash"); loose = 1; next }
        if ($8 != inc || $9 != wid) { fault(1, "the entry belongs elsewhere"); loose = 1; next }
        seq = $5 + 0
        if (seq < next_seq) {
            before = (seq == 0) ? genesis : at[seq - 1]
            if (first && $10 && $6 == before && at[seq] != $7) {
                for (i = seq; i < next_seq; i++) delete at[i]
            } else {
                fault(1, ((seq in at) && at[seq] != $7) ? "FORKED: another entry " seq : "entry " seq " again, or out of order")
                next
            }
        } else if (seq > next_seq) {
            if (!loose) fault(1, "entries are missing before entry " seq)
        } else if ($6 != prev) {
            fault(1, seq ? "entry " seq " does not name the hash of the one before" : "the first entry was written under another INCIDENT.json")
        }
        at[seq] = $7; prev = $7; next_seq = seq + 1; loose = 0
    }
    END {
        if (held != "") print held
        print "0 " wid " " next_seq " " prev
    }' "$tmp/rows"
}

entries=0
for dir in writers/*/; do
    [ -d "$dir" ] || continue
    wid=$(basename "$dir")
    rm -rf "$tmp/bodies"
    mkdir "$tmp/bodies"
    : >"$tmp/rows"
    : >"$tmp/ends"
    number=0
    count=0
    last=
    for file in "$dir"[0-9][0-9][0-9][0-9][0-9][0-9].jsonl; do
        [ -f "$file" ] && [ ! -L "$file" ] || continue
        name=$(basename "$file")
        number=$((number + 1))
        if [ "$name" != "$(printf '%06d.jsonl' "$number")" ]; then
            echo "1 $dir: a segment is gone before $name" >>"$faults"
            number=$(echo "$name" | sed 's/^0*//; s/\.jsonl$//')
        fi
        take_apart "$name" "$count" "$file" >>"$tmp/rows"
        lines=$(sed -n '$=' "$file")
        if [ -n "$lines" ]; then
            # Cut short: no newline at the end, or zeros where a page was lost.
            if [ "$(tail -c 1 "$file" | od -An -tx1 | tr -d ' \n')" != 0a ] ||
                [ "$(tail -n 1 "$file" | tr -cd '\000' | wc -c)" -gt 0 ]; then
                echo "$name $lines" >>"$tmp/ends"
            fi
            count=$((count + lines))
            last=$name
        fi
    done
    find "$tmp/bodies" -type f -print0 | xargs -0 sha256sum >"$tmp/hashes" 2>/dev/null
    judge "$wid" "$inc" "$genesis" "$last" >"$tmp/judged"
    sed -n '/^[12] /p' "$tmp/judged" >>"$faults"
    set -- $(sed -n '/^0 /p' "$tmp/judged")
    echo "writer   $wid  $3 entries  head $(echo "$4" | cut -c1-12) unsigned"
    entries=$((entries + $3))
    for torn in "$dir"torn/*; do
        [ -f "$torn" ] && hash_of "$torn"
    done >"$tmp/torn"
    while read -r wanted; do
        grep -q "^$wanted\$" "$tmp/torn" ||
            echo "2 ${dir}torn: bytes set aside are gone" >>"$faults"
    done <"$tmp/told"
    : >"$tmp/told"
done

[ "$entries" -gt 0 ] || echo "2 writers: there is no entry" >>"$faults"
referenced=0
matching=0
sort -u "$tmp/refs" >"$tmp/wanted"
while read -r h; do
    referenced=$((referenced + 1))
    blob=evidence/sha256/$(echo "$h" | cut -c1-2)/$(echo "$h" | cut -c3-)
    if [ ! -f "$blob" ] || [ -L "$blob" ]; then
        echo "2 $blob: the evidence is not there" >>"$faults"
    elif [ "$(hash_of "$blob")" != "$h" ]; then
        echo "1 $blob: the evidence differs" >>"$faults"
    else
        matching=$((matching + 1))
    fi
done <"$tmp/wanted"

echo "evidence $referenced referenced, $matching match"
sed 's/^[12] /FAULT    /' "$faults"
if grep -q '^1' "$faults"; then
    echo "result   ALTERED"
    exit 1
elif grep -q '^2' "$faults"; then
    echo "result   INCOMPLETE"
    exit 2
fi
echo "result   OK (unsigned; whether an entry is true, or anything was cut off the end, no hash can tell)"
