# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fish completion for movepages(8).

@common.fish@

# The PIDs on the command line, or nothing as long as they are being typed.
function __movepages_pids_given
    set -l words (commandline -opc)
    set -l pids (string replace -rf -- '^--pid=' '' $words)
    set -l at (contains -i -- -p $words; or contains -i -- --pid $words)
    and set pids $words[(math $at[1] + 1)]
    set -a pids (__numapages_operands $__movepages_valued)
    set -q pids[1]; and echo $pids[1]
end

# Whether operands are possible.
function __movepages_takes_operands
    not string match -qr '^--(name|unit|cgroup|check|selftest)' -- (commandline -opc)
end

# The mappings of the first of the processes given.
function __movepages_ranges
    set -l pid (__movepages_pids_given | string replace -r ',.*' '')
    cat "$_numapages_root/proc/$pid/maps" 2>/dev/null |
        string replace -r '^(\S+)(?: +\S+){4} *(.*)' '$1\t$2'
end

complete -c movepages -f
complete -c movepages -n '__movepages_takes_operands; and not __movepages_pids_given >/dev/null' -a '(__numapages_pids)'
complete -c movepages -n '__movepages_takes_operands; and __movepages_pids_given >/dev/null' -a '(__movepages_ranges)'
set -g __movepages_valued (__numapages_options movepages)
