# SPDX-License-Identifier: GPL-2.0-or-later
#
# awk -v part=PART -f table.awk figures SAMPLES: the table of that part, as Markdown.
# Medians, unless a name in figures asks for something else.

# The values of a name in order: sorted[1..n]. Returns n.
function values_sort(name,    i, j, value, n)
{
	n = count[name]
	for (i = 1; i <= n; i++) {
		value = values[name, i]
		for (j = i - 1; j > 0 && sorted[j] > value; j--)
			sorted[j + 1] = sorted[j]
		sorted[j + 1] = value
	}
	return n
}

# What a field of figures stands for, in the unit that is printed; "" if not measured.
function statistic(field, unit,    n, name, scale)
{
	name = field
	sub(/^(p99|max):/, "", name)
	n = values_sort(name)
	if (!n)
		return ""
	scale = unit == "ms" ? 1000 : unit == "MiB" ? 1024 : 1
	if (field ~ /^max:/)
		return sorted[n] / scale
	if (field ~ /^p99:/)
		return sorted[int(n * 0.99 + 0.999)] / scale
	if (n % 2)
		return sorted[(n + 1) / 2] / scale
	return (sorted[n / 2] + sorted[n / 2 + 1]) / 2 / scale
}

function shown(value, unit)
{
	if (value == "")
		return ""
	return sprintf(value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value) " " unit
}

function row(what, ours, other, ratio, figure, verdict)
{
	printf "| %-40s | %-10s | %-24s | %-7s | %-12s | %-6s |\n", what, ours, other, ratio,
		figure, verdict
}

function figure_of(rule, limit, unit)
{
	if (rule == "ratio")
		return "<= " limit
	if (rule == "over")
		return "<= +" limit " " unit
	return rule == "most" ? "<= " limit " " unit : ""
}

function verdict_of(rule, limit, ours, other)
{
	if (rule == "tell")
		return ""
	if (ours == "" || (rule != "most" && other == ""))
		return "none"
	if (rule == "ratio")
		return ours <= limit * other ? "met" : "MISSED"
	return ours - (rule == "over" ? other : 0) <= limit ? "met" : "MISSED"
}

BEGIN { FS = ";" }
/^#/ { next }
FILENAME == ARGV[1] { if ($1 == part) line[++lines] = $0; next }
{
	split($0, word, " ")
	if (word[1] == "sample")
		values[word[2], ++count[word[2]]] = word[3] + 0
}
END {
	row("what", "ours", "the other", "ratio", "figure", "")
	print "|---|---|---|---|---|---|"
	for (i = 1; i <= lines; i++) {
		split(line[i], f, ";")
		ours = statistic(f[4], f[3])
		other = f[5] == "" ? "" : statistic(f[5], f[3])
		ratio = ours == "" || !other ? "" : sprintf("%.3g", ours / other)
		verdict = verdict_of(f[7], f[8], ours, other)
		row(f[2], shown(ours, f[3]), other == "" ? f[6] : shown(other, f[3]) " (" f[6] ")",
			ratio, figure_of(f[7], f[8], f[3]), verdict)
	}
}
