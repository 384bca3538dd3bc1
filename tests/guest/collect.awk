# SPDX-License-Identifier: GPL-2.0-or-later
#
# Make one TAP stream of what run-tests prints, a file at a time: the results of
# a file count when the file has ended. Of a file in which the guest died only
# the failures count; it runs again. A test for four nodes that skips has failed.

function result(verdict, name)
{
	printf "%s %d - %s%s\n", verdict, ++count, title, name
}

# Print what the file gave, or only its failures.
function results_print(only_failures,    i)
{
	for (i = 1; i <= lines; i++)
		if (line[i] ~ /^not ok /)
			result("not ok", name_of(line[i]))
		else if (line[i] !~ /^ok /)
			print line[i]
		else if (kind != "host" && line[i] ~ / # skip/)
			result("not ok", name_of(line[i]))
		else if (!only_failures)
			result("ok", name_of(line[i]))
	lines = 0
}

# A result's name; of a skip that is a failure, without the directive.
function name_of(text)
{
	sub(/^(not )?ok [0-9]* ?(- )?/, "", text)
	if (kind != "host")
		sub(/ # skip/, " (skipped)", text)
	return text
}

function file_begin(item)
{
	if (open)
		results_print(1)
	open = 1
	lines = planned = seen = failed = 0
	kind = item
	sub(/:.*/, "", kind)
	sub(/.*\//, "", item)
	title = (kind == "user" ? "user " : "root ") item ": "
}

function file_end(status)
{
	results_print(0)
	if (seen < planned)
		result("not ok", (planned - seen) " of " planned " tests gave no result")
	else if (!planned)
		result("not ok", "no test ran")
	else if (status != 0 && !failed)
		result("not ok", "bats ended with status " status)
	open = 0
	fflush()
}

/^>>> /               { file_begin($2); next }
/^<<< /               { file_end($3); next }
!open                 { print "# " $0; next }
/^1\.\.[0-9]+$/       { planned = substr($0, 4) + 0; next }
/^not ok /            { failed++ }
/^(not )?ok /         { seen++; line[++lines] = $0; next }
                      { line[++lines] = /^#/ ? $0 : "# " $0 }

END {
	if (open)
		results_print(1)
	print "1.." count + 0
}
