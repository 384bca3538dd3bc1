# SPDX-License-Identifier: GPL-2.0-or-later
#
# jq -n --rawfile doc doc/output.md --arg root OBJECT -f schema.jq FILE: print a
# line for each value of FILE that does not match the tables of OBJECT in the document.

# {OBJECT: {KEY: TYPE}}
def objects:
	reduce ($doc | split("\n")[]) as $line ({};
		if $line | test("^### `") then
			.at = ($line | capture("^### `(?<name>[a-z_]+)`").name)
		elif $line | test("^#") then .at = null
		elif .at and ($line | test("^\\| `")) then
			($line | capture("^\\| `(?<key>[a-z_]+)` \\| (?<type>[^|]+) \\|")) as $row
			| .objects[.at][$row.key] = $row.type
		else . end)
	| .objects;

def is_integer: type == "number" and . == floor and (tostring | test("^-?[0-9]+$"));

def is_simple($kind):
	if $kind == "integer" then is_integer
	elif $kind == "integer or null" then . == null or is_integer
	elif $kind == "string or null" then . == null or type == "string"
	elif $kind == "string" then type == "string"
	elif $kind == "boolean" then type == "boolean"
	elif $kind == "address" then type == "string" and test("^0x[0-9a-f]+$")
	elif $kind == "integers by node" then
		type == "object" and length > 0
		and (to_entries | all(.[]; (.key | test("^[0-9]+$")) and (.value | is_integer)))
	else false end;

def wrong($all; $kind; $at):
	if ($kind | endswith("` or null")) then
		if . == null then empty else wrong($all; $kind[:-8]; $at) end
	elif $kind | startswith("list of ") then
		if type != "array" then "\($at): no list"
		else . as $list | range(length) as $i
			| $list[$i] | wrong($all; $kind[8:]; "\($at)[\($i)]")
		end
	elif $kind | startswith("`") then
		$all[$kind[1:-1]] as $known
		| if type != "object" then "\($at): not an object"
		else . as $object
			| ((keys - ($known | keys))[] | "\($at).\(.): not documented"),
			((($known | keys) - keys)[] | "\($at).\(.): is missing"),
			(keys[] | select($known[.]) as $key
				| $object[$key] | wrong($all; $known[$key]; "\($at).\($key)"))
		end
	elif is_simple($kind) then empty
	else "\($at): no \($kind): \(tojson)" end;

objects as $all | inputs | wrong($all; "`\($root)`"; $root)
