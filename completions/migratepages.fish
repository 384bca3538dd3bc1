# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fish completion for migratepages(8).

@common.fish@

# Succeed if exactly N operands precede the current one; --pid and similar options replace the
# first.
function __migratepages_operand -a wanted
    set -l n (count (__numapages_operands $__migratepages_valued))
    string match -qr -- '^(-p|--(pid|name|unit|cgroup))' (commandline -opc); and set n (math $n + 1)
    test $n -eq $wanted
end

# FROM and TO: not beside --route, which replaces them.
function __migratepages_wants_nodes
    not string match -q -- '--route*' (commandline -opc)
    and begin
        __migratepages_operand 1; or __migratepages_operand 2
    end
end

complete -c migratepages -f
complete -c migratepages -n '__migratepages_operand 0' -a '(__numapages_pids)'
complete -c migratepages -n __migratepages_wants_nodes -a '(__numapages_nodes)'
set -g __migratepages_valued (__numapages_options migratepages)
