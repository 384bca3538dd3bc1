# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the completions of both commands have in common; make puts it into each, where it
# says so. Tests set the variable _numapages_root to have another machine's /sys and /proc
# completed.

# The nodes with memory, one a line.
function __numapages_node_numbers
    set -l file "$_numapages_root/sys/devices/system/node/has_memory"
    test -r $file; or return
    for part in (string split , <$file)
        seq (string replace -r -- '-.*' '' $part) (string replace -r -- '.*-' '' $part)
    end
end

# The operand or the value that is being typed.
function __numapages_current
    string replace -r '^--[a-z-]+=' '' -- (commandline -ct)
end

function __numapages_nodes
    set -l before (string match -r '^[!^]?[+]?(?:.*,)?(?:[0-9]+-)?' -- (__numapages_current))
    printf '%s\tnode\n' "$before"(__numapages_node_numbers)
    string match -qr '[0-9]-$' -- $before; and return
    printf '%s\t%s\n' "$before"all 'every node that would do' \
        "$before"has-cpu 'those with CPUs' "$before"memory-only 'those without CPUs' \
        "$before"local 'those of the CPUs of the process'
end

# Pairs, "0:1,1:0": a node follows every comma and every colon.
function __numapages_pairs
    set -l before (string match -r '^(?:.*[,:])?' -- (__numapages_current))
    printf '%s\tnode\n' "$before"(__numapages_node_numbers)
end

# A share, "0-1:95%": nodes up to the colon.
function __numapages_share
    string match -q '*:*' -- (__numapages_current); or __numapages_nodes
end

# The processes that the user may look at: kernel threads have no program.
function __numapages_pids
    set -l before (string match -r '^(?:.*,)?' -- (__numapages_current))
    for dir in "$_numapages_root"/proc/*
        string match -qr '/[0-9]+$' $dir; and test -e $dir/exe; or continue
        set -l comm
        read comm 2>/dev/null <$dir/comm
        printf '%s\t%s\n' "$before"(string replace -r '.*/' '' $dir) \
            (string replace -ra '[^[:print:]]' '?' "$comm")
    end
end

# The names of the processes that the user may look at.
function __numapages_comms
    for dir in "$_numapages_root"/proc/*
        string match -qr '/[0-9]+$' $dir; and test -e $dir/exe; or continue
        set -l comm
        read comm 2>/dev/null <$dir/comm
        string match -r '^[[:alnum:]_.:@-]+$' -- $comm
    end
end

# A list of the columns given, or, behind a +, of further ones.
function __numapages_columns
    set -l before (string match -r '^[+]?(?:.*,)?' -- (__numapages_current))
    printf '%s\tcolumn\n' "$before"$argv
end

# The columns of the account, with those of a dry run.
function __numapages_account
    __numapages_columns ACCOUNT KIND PAGES HUGE SPLIT SIZE ROOM FROM TO PID COMM
end
