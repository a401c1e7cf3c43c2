#!/bin/sh
# Tests json-store: the same answers in every form, answers that are known, and clear complaints.
#
#   test.sh PROGRAM
set -u

program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

fail() {
    echo "FAILED: $*" >&2
    failed=1
}

# answers EXPECTED FILE QUERY: in every form, and without interning
answers() {
    for form in dicts instances records packed "dicts --no-intern"; do
        # shellcheck disable=SC2086 # a form, and perhaps an option
        got=$("$program" "$2" --as $form --query "$3") || fail "as $form: $3: exit code $?"
        [ "$got" = "$1" ] || fail "as $form: $3: expected '$1', got '$got'"
    done
}

# complains CODE TEXT ARGUMENT...: exit code, and what standard error must contain
complains() {
    code=$1 text=$2
    shift 2
    said=$("$program" "$@" 2>&1 >/dev/null </dev/null)
    got=$?
    [ $got -eq "$code" ] || fail "$*: exit code $got, not $code"
    case $said in
    *"$text"*) ;;
    *) fail "$*: '$text' is not in '$said'" ;;
    esac
}

small=$folder/small.json
cat >"$small" <<'END'
{"users": [
  {"name": "Ann", "age": 36, "city": "Oslo", "tags": ["new", "vip"], "at": {"x": 1.5, "y": -2}},
  {"name": "Bob", "age": 29, "city": "Rome", "tags": [], "at": {"x": 0.1, "y": 300}},
  {"name": "Zoë \"Z\"", "age": 41, "city": "Oslo", "tags": ["vip"], "at": {"x": 2, "y": 0}},
  {"name": "No age", "city": null, "a b": true}
 ],
 "numbers": [1, 2, 250], "mixed": [1, 2.5], "empty": {}, "big": 9223372036854775807}
END

answers '"Ann"
"Bob"
"Zoë \"Z\""
"No age"' "$small" .users.name
answers '"Ann"
"Zoë \"Z\""' "$small" '.users[age>30].name'
answers '"Bob"' "$small" ".users[age <= 36 and city != 'Oslo'].name"
answers '"Bob"
"Zoë \"Z\""' "$small" ".users[city='Rome' or age>40 and city='Oslo'].name"
answers '"Ann"
"Zoë \"Z\""' "$small" ".users[tags ~ 'vip'].name"
answers '"Bob"' "$small" '.users[.at.y > 200].name'
answers '"No age"' "$small" '.users[city = null].name'
answers '"No age"' "$small" '.users["a b" = true].name'
answers '{"name":"Ann","age":36,"city":"Oslo","tags":["new","vip"],"at":{"x":1.5,"y":-2}}' \
    "$small" '.users[0]'
answers 4 "$small" '.users | count()'
answers 106 "$small" '.users | sum(age)'
answers 253 "$small" '.numbers | sum()'
answers 3.5 "$small" '.mixed | sum()'
answers 250 "$small" '.numbers | max()'
answers -2 "$small" '.users | min(at.y)'
answers '"Oslo": 38.5
"Rome": 29.0
null: null' "$small" '.users | group by city | avg(age)'
answers '"Oslo": 2
"Rome": 1
null: 1' "$small" '.users | group by city'
answers '{}' "$small" .empty
answers 9223372036854775807 "$small" .big
answers '' "$small" .nothing.at.all
answers '[1,2,250]' "$small" .numbers

"$program" --sample 300 >"$folder/sample.json" || fail "--sample: exit code $?"
answers 600 "$folder/sample.json" '.orders | count()'
all=$("$program" "$folder/sample.json" --query .)
for form in instances records packed; do
    [ "$("$program" - --as $form --query . <"$folder/sample.json")" = "$all" ] ||
        fail "the whole sample differs as $form"
done

report=$("$program" "$folder/sample.json" --memory) || fail "--memory: exit code $?"
for word in "dicts, not interned" dicts instances records packed "% of the bytes"; do
    case $report in
    *"$word"*) ;;
    *) fail "--memory does not tell of '$word'" ;;
    esac
done

printf '{"a": 1,\n "b": [1, 2,}\n' >"$folder/bad.json"
printf '{"a": 99999999999999999999}' >"$folder/number.json"
complains 1 "No such file" "$folder/none.json"
complains 1 "line 2, column 13" "$folder/bad.json"
complains 1 "too big integer" "$folder/number.json"
complains 1 "cannot be answered" "$small" --query '.users | sum(name)'
complains 1 "cannot be answered" "$small" --query '.users | group by tags'
complains 2 "a path begins with '.'" "$small" --query users
complains 2 "']' is missing at column 14" "$small" --query '.users[age>30'
complains 2 "one of = != < <= > >= ~ is missing" "$small" --query '.users[age 30]'
complains 2 "group by, count, sum" "$small" --query '.users | total()'
complains 2 "the end" "$small" --query '.users | count() 3'
complains 2 "no form" "$small" --as trees
complains 2 "takes a number" --sample many
complains 2 "usage" --memory
complains 2 "try json-store --help" --wrong

[ $failed -eq 0 ] && echo "json-store: all answers and complaints as they should be"
exit $failed
