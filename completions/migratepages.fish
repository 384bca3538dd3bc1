# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fish completion for migratepages(8).

@common.fish@

# Succeeds when exactly N operands stand before the one that is being typed.
function __migratepages_operand -a wanted
    set -l n 0
    set -l skip no
    string match -qr -- '^(-p|--(pid|name|unit|cgroup))' (commandline -opc); and set n 1 # replaces PIDS
    for word in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
        else if string match -qr '^(-[jop]|--(pid|name|unit|jobs|retries|rate|timeout|at-least|at-most|cgroup|route|method|shared|huge|progress|output))$' -- $word
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

complete -c migratepages -f
complete -c migratepages -n '__migratepages_operand 0' -a '(__numapages_pids)'
complete -c migratepages -n __migratepages_wants_nodes -a '(__numapages_nodes)'
complete -c migratepages -s p -l pid -x -a '(__numapages_pids)' -d 'These processes, as with the operand PIDS'
complete -c migratepages -l name -x -a '(__numapages_comms)' -d 'All processes with this name'
complete -c migratepages -l unit -x -d 'All processes of a systemd unit'
complete -c migratepages -l cgroup -x -a '(__fish_complete_directories (__numapages_current))' -d 'All processes of a cgroup and those below it'
complete -c migratepages -l tree -d 'Also all descendants of these processes'
complete -c migratepages -l route -x -a '(__numapages_pairs)' -d 'From A to B, in pairs'
complete -c migratepages -l method -x -a 'pages process' -d 'What moves the pages'
complete -c migratepages -s n -l dry-run -d 'Say what would move, and move nothing'
complete -c migratepages -s j -l jobs -x -d 'Threads that move'
complete -c migratepages -l retries -x -d 'Further tries for busy pages'
complete -c migratepages -l settle -d 'Pass again until nothing new comes'
complete -c migratepages -l rate -x -d 'At most so many bytes a second'
complete -c migratepages -l timeout -x -d 'End after this time and report'
complete -c migratepages -l at-least -x -a '(__numapages_share)' -d 'Fail if less than that is there'
complete -c migratepages -l at-most -x -a '(__numapages_share)' -d 'Fail if more than that is there'
complete -c migratepages -l shared -x -a 'auto yes no' -d 'Pages that other processes map too'
complete -c migratepages -l huge -x -a 'split keep' -d 'Huge pages that find no place whole'
complete -c migratepages -l force -d 'Move although the destination has too little room'
complete -c migratepages -l partial-ok -d 'Exit 0 instead of 64 when pages stayed'
complete -c migratepages -l progress -x -a 'auto always never' -d 'How far it is'
complete -c migratepages -s o -l output -x -a '(__numapages_account)' -d 'The columns of tables'
complete -c migratepages -l noheadings -d 'Tables and pages without headings'
complete -c migratepages -l raw -d 'Tables and pages for programs'
complete -c migratepages -s b -l bytes -d 'Sizes in bytes'
complete -c migratepages -s J -l json -d 'Write a JSON document'
complete -c migratepages -s q -l quiet -d 'No summary, no word about pages that stayed'
complete -c migratepages -s v -l verbose -d 'Print the whole account'
complete -c migratepages -s h -l help -d 'Print help'
complete -c migratepages -s V -l version -d 'Print the version'
