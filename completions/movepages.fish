# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fish completion for movepages(8). Tests set the variable _numapages_root to have
# another machine's /sys and /proc completed.

# The nodes with memory, one a line.
function __movepages_node_numbers
    set -l file "$_numapages_root/sys/devices/system/node/has_memory"
    test -r $file; or return
    for part in (string split , <$file)
        seq (string replace -r -- '-.*' '' $part) (string replace -r -- '.*-' '' $part)
    end
end

# The operand or the value that is being typed.
function __movepages_current
    string replace -r '^--[a-z-]+=' '' -- (commandline -ct)
end

function __movepages_nodes
    set -l before (string match -r '^[!^]?[+]?(?:.*,)?(?:[0-9]+-)?' -- (__movepages_current))
    printf '%s\tnode\n' "$before"(__movepages_node_numbers)
    string match -qr '[0-9]-$' -- $before; and return
    printf '%s\t%s\n' "$before"all 'every node that would do' \
        "$before"has-cpu 'those with CPUs' "$before"memory-only 'those without CPUs' \
        "$before"local 'those of the CPUs of the process'
end

# Pairs, "0:1,1:0": a node follows every comma and every colon.
function __movepages_pairs
    set -l before (string match -r '^(?:.*[,:])?' -- (__movepages_current))
    printf '%s\tnode\n' "$before"(__movepages_node_numbers)
end

# Kinds of mappings, one behind every comma.
function __movepages_kinds
    set -l before (string match -r '^(?:.*,)?' -- (__movepages_current))
    printf '%s\tkind\n' "$before"{heap,stack,anon,file,shm,hugetlb}
end

# A share, "0-1:95%": nodes up to the colon.
function __movepages_share
    string match -q '*:*' -- (__movepages_current); or __movepages_nodes
end

# The processes that the user may look at: kernel threads have no program.
function __movepages_pids
    contains -- --check (commandline -opc); and return
    set -l before (string match -r '^(?:.*,)?' -- (__movepages_current))
    for dir in "$_numapages_root"/proc/*
        string match -qr '/[0-9]+$' $dir; and test -e $dir/exe; or continue
        set -l comm
        read comm 2>/dev/null <$dir/comm
        printf '%s\t%s\n' "$before"(string replace -r '.*/' '' $dir) \
            (string replace -ra '[^[:print:]]' '?' "$comm")
    end
end

# The PIDs on the command line, or nothing as long as they are being typed.
function __movepages_pids_given
    set -l skip no
    for word in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
        else if string match -qr '^(-[jo]|--(jobs|retries|rate|timeout|at-least|at-most|to|from|kind|path|pages-from|save|restore|route|shared|huge|progress|output|color))$' -- $word
            set skip yes
        else if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
    return 1
end

# The mappings of the first of the processes given.
function __movepages_ranges
    set -l pid (__movepages_pids_given | string replace -r ',.*' '')
    cat "$_numapages_root/proc/$pid/maps" 2>/dev/null |
        string replace -r '^(\S+)(?: +\S+){4} *(.*)' '$1\t$2'
end

# A list of columns, or, behind a +, of further ones.
function __movepages_columns
    set -l before (string match -r '^[+]?(?:.*,)?' -- (__movepages_current))
    printf '%s\tcolumn\n' "$before"{ADDRESS,END,SIZE,PERMS,KIND,PAGESIZE,NODES,TOTAL,NAME,PID,COMM}
end

complete -c movepages -f
complete -c movepages -n 'not __movepages_pids_given >/dev/null' -a '(__movepages_pids)'
complete -c movepages -n '__movepages_pids_given >/dev/null' -a '(__movepages_ranges)'
complete -c movepages -l to -x -a '(__movepages_nodes)' -d 'Move there; without it only look'
complete -c movepages -l from -x -a '(__movepages_nodes)' -d 'Only pages that are on these nodes'
complete -c movepages -l kind -x -a '(__movepages_kinds)' -d 'Only mappings of these kinds'
complete -c movepages -l path -r -F -d 'Only mappings of files that match'
complete -c movepages -l pages-from -r -F -d 'PAGES, one a line'
complete -c movepages -l save -r -F -d 'Remember which page is on which node'
complete -c movepages -l restore -r -F -d 'Move every page back there'
complete -c movepages -l route -x -a '(__movepages_pairs)' -d 'From A to B, in pairs'
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
complete -c movepages -l at-least -x -a '(__movepages_share)' -d 'Fail if less than that is there'
complete -c movepages -l at-most -x -a '(__movepages_share)' -d 'Fail if more than that is there'
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
