# SPDX-License-Identifier: GPL-2.0-or-later
#
# awk -v part=PART -f table.awk figures SAMPLES: print the table of a part, as Markdown. Values are
# medians, unless a name in figures has a prefix; there is no row without samples. Ratios are the
# median of the ratios of all rounds. For names that end in .ours, the bare threads and the idle
# target of the same name have separate columns.

# Sort list[1..n].
function sort(list, n,    i, j, value)
{
	for (i = 2; i <= n; i++) {
		value = list[i]
		for (j = i - 1; j > 0 && list[j] > value; j--)
			list[j + 1] = list[j]
		list[j + 1] = value
	}
}

# Return the median of list[1..n]; sorts it.
function median(list, n)
{
	sort(list, n)
	return (list[int((n + 1) / 2)] + list[int((n + 2) / 2)]) / 2
}

# Return the value of a field of figures, in the unit printed; "" if not measured.
function statistic(field, unit,    name, n, i, list, scale, value)
{
	name = field
	sub(/^(p99|max):/, "", name)
	n = count[name]
	if (!n)
		return ""
	for (i = 1; i <= n; i++)
		list[i] = values[name, i]
	scale = unit == "ms" ? 1000 : unit == "MiB" ? 1024 : 1
	value = median(list, n)
	if (field ~ /^max:/)
		value = list[n]
	if (field ~ /^p99:/)
		value = list[int(n * 0.99 + 0.999)]
	return value / scale
}

# Return the ratio of two names, paired by round; "" if there is none.
function paired(ours, other,    i, n, list)
{
	for (i = 1; i <= count[ours] && i <= count[other]; i++)
		if (values[other, i])
			list[++n] = values[ours, i] / values[other, i]
	return n ? median(list, n) : ""
}

# Return the name for another mover: "small.time.bare" for "small.time.ours".
function name_of(ours, mover)
{
	return sub(/\.ours$/, "." mover, ours) ? ours : ""
}

function number(value)
{
	if (value == "")
		return ""
	return sprintf(value < 1 ? "%.3g" : value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f",
		value)
}

function with(value, after)
{
	return value == "" ? "" : number(value) " " after
}

function row(what, ours, other, bare, idle, ratio, bares, figure, verdict)
{
	printf "| %-40s | %-10s | %-22s | %-10s | %-10s | %-7s | %-7s | %-19s | %-6s |\n", what,
		ours, other, bare, idle, ratio, bares, figure, verdict
}

# Set figure, the rules as printed, and verdict.
function rules_judge(rules, unit, value,    i, n, rule, word, limit, is_met)
{
	figure = verdict = ""
	n = split(rules, rule, " ")
	for (i = 1; i <= n; i++) {
		match(rule[i], /[<>]=/)
		word = substr(rule[i], 1, RSTART - 1)
		limit = substr(rule[i], RSTART + 2)
		figure = figure (i > 1 ? ", " : "") substr(rule[i], RSTART, 2) " " \
			(word == "over" ? "+" : "") limit (word == "ratio" ? "" : " " unit)
		is_met = rule[i] ~ />=/ ? value[word] >= limit + 0 : value[word] <= limit + 0
		if (value[word] == "")
			verdict = "none"
		else if (verdict == "" || !is_met)
			verdict = is_met ? "met" : "MISSED"
	}
}

function line_print(f,    ours, other, value)
{
	ours = statistic(f[4], f[3])
	if (ours == "")
		return
	other = f[5] == "" ? "" : statistic(f[5], f[3])
	value["ours"] = ours
	value["ratio"] = paired(f[4], f[5])
	value["over"] = other == "" ? "" : ours - other
	rules_judge(part ~ /^(host|6\.1)$/ || f[8] == "" ? f[7] : f[8], f[3], value)
	row(f[2], with(ours, f[3]), with(other, f[3] " (" f[6] ")"),
		with(statistic(name_of(f[4], "bare"), f[3]), f[3]),
		with(statistic(name_of(f[4], "idle"), f[3]), f[3]),
		number(value["ratio"]), number(paired(name_of(f[4], "bare"), f[5])), figure, verdict)
}

BEGIN { FS = ";" }
/^#/ { next }
FILENAME == ARGV[1] { if ($1 == (part == "host" ? part : "guest")) line[++lines] = $0; next }
{
	split($0, word, " ")
	if (word[1] == "sample")
		values[word[2], ++count[word[2]]] = word[3] + 0
}
END {
	row("what", "ours", "the other", "bare", "idle", "ratio", "bare's", "figure", "")
	print "|---|---|---|---|---|---|---|---|---|"
	for (i = 1; i <= lines; i++) {
		split(line[i], field, ";")
		line_print(field)
	}
}
