# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fish completion for migratepages(8). Tests set the variable _numapages_root to have
# another machine's /sys and /proc completed.

# The nodes with memory, one a line.
function __migratepages_node_numbers
    set -l file "$_numapages_root/sys/devices/system/node/has_memory"
    test -r $file; or return
    for part in (string split , <$file)
        seq (string replace -r -- '-.*' '' $part) (string replace -r -- '.*-' '' $part)
    end
end

# The operand or the value that is being typed.
function __migratepages_current
    string replace -r '^--[a-z-]+=' '' -- (commandline -ct)
end

function __migratepages_nodes
    set -l before (string match -r '^[!^]?[+]?(?:.*,)?(?:[0-9]+-)?' -- (__migratepages_current))
    printf '%s\tnode\n' "$before"(__migratepages_node_numbers)
    string match -qr '[0-9]-$' -- $before; and return
    printf '%s\t%s\n' "$before"all 'every node that would do' \
        "$before"has-cpu 'those with CPUs' "$before"memory-only 'those without CPUs' \
        "$before"local 'those of the CPUs of the process'
end

# Pairs, "0:1,1:0": a node follows every comma and every colon.
function __migratepages_pairs
    set -l before (string match -r '^(?:.*[,:])?' -- (__migratepages_current))
    printf '%s\tnode\n' "$before"(__migratepages_node_numbers)
end

# A share, "0-1:95%": nodes up to the colon.
function __migratepages_share
    string match -q '*:*' -- (__migratepages_current); or __migratepages_nodes
end

# The processes that the user may look at: kernel threads have no program.
function __migratepages_pids
    set -l before (string match -r '^(?:.*,)?' -- (__migratepages_current))
    for dir in "$_numapages_root"/proc/*
        string match -qr '/[0-9]+$' $dir; and test -e $dir/exe; or continue
        set -l comm
        read comm 2>/dev/null <$dir/comm
        printf '%s\t%s\n' "$before"(string replace -r '.*/' '' $dir) \
            (string replace -ra '[^[:print:]]' '?' "$comm")
    end
end

# Succeeds when exactly N operands stand before the one that is being typed.
function __migratepages_operand -a wanted
    set -l n 0
    set -l skip no
    for word in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
        else if string match -qr '^(-[jo]|--(jobs|retries|rate|timeout|at-least|at-most|route|method|shared|huge|progress|output))$' -- $word
            set skip yes
        else if not string match -q -- '-*' $word
            set n (math $n + 1)
        end
    end
    test $n -eq $wanted
end

# FROM and TO: not beside --route, which takes their place.
function __migratepages_wants_nodes
    not string match -q -- '--route*' (commandline -opc)
    and begin
        __migratepages_operand 1; or __migratepages_operand 2
    end
end

# A list of columns, or, behind a +, of further ones.
function __migratepages_columns
    set -l before (string match -r '^[+]?(?:.*,)?' -- (__migratepages_current))
    printf '%s\tcolumn\n' "$before"{ACCOUNT,KIND,PAGES,HUGE,SPLIT,SIZE,ROOM,FROM,TO,PID,COMM}
end

complete -c migratepages -f
complete -c migratepages -n '__migratepages_operand 0' -a '(__migratepages_pids)'
complete -c migratepages -n __migratepages_wants_nodes -a '(__migratepages_nodes)'
complete -c migratepages -l route -x -a '(__migratepages_pairs)' -d 'From A to B, in pairs'
complete -c migratepages -l method -x -a 'pages process' -d 'What moves the pages'
complete -c migratepages -s n -l dry-run -d 'Say what would move, and move nothing'
complete -c migratepages -s j -l jobs -x -d 'Threads that move'
complete -c migratepages -l retries -x -d 'Further tries for busy pages'
complete -c migratepages -l settle -d 'Pass again until nothing new comes'
complete -c migratepages -l rate -x -d 'At most so many bytes a second'
complete -c migratepages -l timeout -x -d 'End after this time and report'
complete -c migratepages -l at-least -x -a '(__migratepages_share)' -d 'Fail if less than that is there'
complete -c migratepages -l at-most -x -a '(__migratepages_share)' -d 'Fail if more than that is there'
complete -c migratepages -l shared -x -a 'auto yes no' -d 'Pages that other processes map too'
complete -c migratepages -l huge -x -a 'split keep' -d 'Huge pages that find no place whole'
complete -c migratepages -l force -d 'Move although the destination has too little room'
complete -c migratepages -l partial-ok -d 'Exit 0 instead of 64 when pages stayed'
complete -c migratepages -l progress -x -a 'auto always never' -d 'How far it is'
complete -c migratepages -s o -l output -x -a '(__migratepages_columns)' -d 'The columns of tables'
complete -c migratepages -l noheadings -d 'Tables and pages without headings'
complete -c migratepages -l raw -d 'Tables and pages for programs'
complete -c migratepages -s b -l bytes -d 'Sizes in bytes'
complete -c migratepages -s J -l json -d 'Write a JSON document'
complete -c migratepages -s q -l quiet -d 'No summary, no word about pages that stayed'
complete -c migratepages -s v -l verbose -d 'Print the whole account'
complete -c migratepages -s h -l help -d 'Print help'
complete -c migratepages -s V -l version -d 'Print the version'
