# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the completions of both commands share; make inserts it into each. The options and the
# kinds of their values come from the command's own --help, so they are not listed here. Tests set
# the variable _numapages_root to complete from another machine's /sys and /proc.

# The nodes with memory, one per line.
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
    printf '%s\t%s\n' "$before"all 'every usable node' \
        "$before"has-cpu 'nodes with CPUs' "$before"memory-only 'nodes without CPUs' \
        "$before"local 'nodes of the CPUs of the process'
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

# PIDs and names of the processes that the user can inspect; kernel threads have no program.
function __numapages_processes
    for dir in "$_numapages_root"/proc/*
        string match -qr '/[0-9]+$' $dir; and test -e $dir/exe; or continue
        set -l comm
        read comm 2>/dev/null <$dir/comm
        printf '%s\t%s\n' (string replace -r '.*/' '' $dir) \
            (string replace -ra '[^[:print:]]' '?' "$comm")
    end
end

# Fish itself also finds a PID by the name beside it.
function __numapages_pids
    set -l before (string match -r '^(?:.*,)?' -- (__numapages_current))
    __numapages_processes | string replace -r '^' "$before"
end

function __numapages_comms
    __numapages_processes | string match -rg '\t([[:alnum:]_.:@-]+)$'
end

# The active units of systemd: cgroups in slices.
function __numapages_units
    find "$_numapages_root/sys/fs/cgroup" -mindepth 1 -type d \
        \( -name '*.slice' -printf '%f\n' -o -name '*.service' -printf '%f\n' -prune \
        -o -name '*.scope' -printf '%f\n' -prune \) 2>/dev/null
end

# The names of all cgroups, or the ends of them.
function __numapages_cgroups
    set -l root "$_numapages_root/sys/fs/cgroup"
    set -l form '/%P\n'
    string match -qr '^[^/]' -- (__numapages_current); and set form '%f\n'
    for dir in $root $root/*/
        test -e $dir/cgroup.procs
        and find $dir -mindepth 1 -maxdepth 6 -type d -printf $form 2>/dev/null
        test -e $root/cgroup.procs; and break
    end | sort -u
end

# __numapages_columns LOOK: the columns of the table that the options select, from --help; after a +,
# further ones. LOOK is yes if the command without options displays a placement.
function __numapages_columns -a look
    set -l before (string match -r '^[+-]?(?:.*,)?' -- (__numapages_current))
    set -l line (commandline -opc)
    set -l rows "moves|dry runs"
    if contains -- --check $line
        set rows checks
    else if test "$look" = yes
        and not string match -qr '^--(to|restore|route|interleave)' -- $line
        set rows "processes|kinds"
        contains -- --mappings $line
        and set rows mappings
    end
    set -l columns ($line[1] --help 2>/dev/null | awk -v rows="$rows" '
        /^Columns:/ { on = 1; next }
        on && /^$/ { exit }
        on && /^  [^ ]/ { take = $0 ~ "^  (" rows ")  " }
        on && take { $0 = substr($0, 15); for (i = 1; i <= NF; i++) if (!seen[$i]++) print $i }')
    contains NODES $columns
    and set -a columns N(__numapages_node_numbers)
    printf '%s\tcolumn\n' "$before"$columns
end

# Kinds of mappings, one after every comma.
function __numapages_kinds
    set -l before (string match -r '^(?:.*,)?' -- (__numapages_current))
    printf '%s\tkind\n' "$before"{heap,stack,anon,file,shm,hugetlb}
end

# __numapages_value KIND LOOK: the arguments of complete(1) for a value of that kind, by the word
# that --help has for it.
function __numapages_value -a kind look
    switch $kind
        case NODES
            printf '%s\n' -x -a '(__numapages_nodes)'
        case 'NODES:*'
            printf '%s\n' -x -a '(__numapages_share)'
        case 'A:B*'
            printf '%s\n' -x -a '(__numapages_pairs)'
        case 'PID*'
            printf '%s\n' -x -a '(__numapages_pids)'
        case PATTERN
            printf '%s\n' -x -a '(__numapages_comms)'
        case NAME
            printf '%s\n' -x -a '(__numapages_units)'
        case PATH
            printf '%s\n' -x -a '(__numapages_cgroups)'
        case 'KIND*'
            printf '%s\n' -x -a '(__numapages_kinds)'
        case 'COL*'
            printf '%s\n' -x -a "(__numapages_columns $look)"
        case GLOB FILE
            printf '%s\n' -r -F
        case '*|*'
            printf '%s\n' -x -a (string replace -a '|' ' ' $kind)
        case '?*'
            printf '%s\n' -x
    end
end

# __numapages_options COMMAND: complete its options; print those that a value follows.
function __numapages_options -a command
    set -l lines ($command --help 2>/dev/null)
    set -l look no
    string match -q '* --map *' -- $lines; and set look yes
    for i in (seq (count $lines))
        set -l option (string match -rg '^  (   |-.,) --([a-z-]+)(\[?=|)([^ ]*)(.*)$' -- $lines[$i])
        or continue
        set -l letter (string match -rg -- '-(.),' $option[1])
        set -l text (string trim $option[5])
        test -n "$text"; or set text (string trim $lines[(math $i + 1)])
        set -l value (__numapages_value (string trim -rc ']' -- $option[4]) $look)
        # An optional value is never the next word.
        test "$option[3]" = '[='; and set value (string replace -- -x -f $value)
        complete -c $command -s$letter -l $option[2] $value -d $text
        test "$option[3]" = =; or continue
        string join \n -- --$option[2] -$letter
    end
end

# __numapages_operands VALUED...: the operands before the current one. VALUED are the options that
# take a value.
function __numapages_operands
    set -l skip no
    for word in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
        else if contains -- $word $argv
            set skip yes
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end
