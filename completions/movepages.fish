# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fish completion for movepages(8).

@common.fish@

# Kinds of mappings, one behind every comma.
function __movepages_kinds
    set -l before (string match -r '^(?:.*,)?' -- (__numapages_current))
    printf '%s\tkind\n' "$before"{heap,stack,anon,file,shm,hugetlb}
end

# The PIDs on the command line, or nothing as long as they are being typed. With --name,
# --unit and --cgroup there are none to be typed, nor anything after them.
function __movepages_pids_given
    set -l skip no
    string match -qr -- '^--(name|unit|cgroup)' (commandline -opc); and return
    set -l words (commandline -opc)
    set -l pid (string replace -rf -- '^--pid=' '' $words)
    set -l at (contains -i -- -p $words; or contains -i -- --pid $words); and set pid $words[(math $at + 1)]
    set -q pid[1]; and echo $pid[1]; and return
    for word in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
        else if string match -qr '^(-[jop]|--(pid|name|unit|jobs|retries|rate|timeout|at-least|at-most|cgroup|to|from|kind|path|pages-from|save|restore|route|shared|huge|progress|output|color))$' -- $word
            set skip yes
        else if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
    return 1
end

# Whether no process is asked about.
function __movepages_takes_no_pids
    string match -qr '^--(check|selftest(=.*)?)$' -- (commandline -opc)
end

# The mappings of the first of the processes given.
function __movepages_ranges
    set -l pid (__movepages_pids_given | string replace -r ',.*' '')
    cat "$_numapages_root/proc/$pid/maps" 2>/dev/null |
        string replace -r '^(\S+)(?: +\S+){4} *(.*)' '$1\t$2'
end

# The columns of the table that the options before ask for.
function __movepages_columns
    if contains -- --check (commandline -opc)
        __numapages_columns CHECK STATE VERDICT MEANING
    else if string match -qr '^--(to|restore|route)' -- (commandline -opc)
        __numapages_account
    else
        __numapages_columns ADDRESS END SIZE PERMS KIND PAGESIZE NODES TOTAL NAME PID COMM
    end
end

complete -c movepages -f
complete -c movepages -n 'not __movepages_pids_given >/dev/null; and not __movepages_takes_no_pids' -a '(__numapages_pids)'
complete -c movepages -n '__movepages_pids_given >/dev/null' -a '(__movepages_ranges)'
complete -c movepages -s p -l pid -x -a '(__numapages_pids)' -d 'These processes, as with the operand PIDS'
complete -c movepages -l name -x -a '(__numapages_comms)' -d 'All processes with this name'
complete -c movepages -l unit -x -d 'All processes of a systemd unit'
complete -c movepages -l cgroup -x -a '(__fish_complete_directories (__numapages_current))' -d 'All processes of a cgroup and those below it'
complete -c movepages -l tree -d 'Also all descendants of these processes'
complete -c movepages -l to -x -a '(__numapages_nodes)' -d 'Move there; without it only look'
complete -c movepages -l from -x -a '(__numapages_nodes)' -d 'Only pages that are on these nodes'
complete -c movepages -l kind -x -a '(__movepages_kinds)' -d 'Only mappings of these kinds'
complete -c movepages -l path -r -F -d 'Only mappings of files that match'
complete -c movepages -l pages-from -r -F -d 'PAGES, one a line'
complete -c movepages -l save -r -F -d 'Remember which page is on which node'
complete -c movepages -l restore -r -F -d 'Move every page back there'
complete -c movepages -l route -x -a '(__numapages_pairs)' -d 'From A to B, in pairs'
complete -c movepages -l spread -d 'Interleave over the nodes, by weight'
complete -c movepages -l pages -d 'A line for each page, with its status'
complete -c movepages -l map -d 'A picture of the address space, by node'
complete -c movepages -l check -d 'Say what can be moved here, and what not'
complete -c movepages -l color -x -a 'auto always never' -d 'Colours in the picture'
complete -c movepages -s n -l dry-run -d 'Say what would move, and move nothing'
complete -c movepages -s j -l jobs -x -d 'Threads that look and move'
complete -c movepages -l retries -x -d 'Further tries for busy pages'
complete -c movepages -l settle -d 'Pass again until nothing new comes'
complete -c movepages -l rate -x -d 'At most so many bytes a second'
complete -c movepages -l timeout -x -d 'End after this time and report'
complete -c movepages -l at-least -x -a '(__numapages_share)' -d 'Fail if less than that is there'
complete -c movepages -l at-most -x -a '(__numapages_share)' -d 'Fail if more than that is there'
complete -c movepages -l selftest -d 'Move memory of its own from node to node'
complete -c movepages -l shared -x -a 'auto yes no' -d 'Pages that other processes map too'
complete -c movepages -l huge -x -a 'split keep' -d 'Huge pages that find no place whole'
complete -c movepages -l force -d 'Move although the destination has too little room'
complete -c movepages -l partial-ok -d 'Exit 0 instead of 64 when pages stayed'
complete -c movepages -l progress -x -a 'auto always never' -d 'How far it is'
complete -c movepages -s o -l output -x -a '(__movepages_columns)' -d 'The columns of tables'
complete -c movepages -l noheadings -d 'Tables and pages without headings'
complete -c movepages -l raw -d 'Tables and pages for programs'
complete -c movepages -s b -l bytes -d 'Sizes in bytes'
complete -c movepages -s J -l json -d 'Write a JSON document, or JSON lines'
complete -c movepages -s q -l quiet -d 'No summary, no word about pages that stayed'
complete -c movepages -s v -l verbose -d 'Print the whole account'
complete -c movepages -s h -l help -d 'Print help'
complete -c movepages -s V -l version -d 'Print the version'
