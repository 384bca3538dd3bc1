# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tests of each suite: the files of a folder. The Makefile includes this.

# suite FOLDER,SUFFIX,SUFFIX OF THE TEST
suite = $(patsubst $(top_srcdir)/%.$(2),%.$(3),$(sort $(wildcard $(top_srcdir)/tests/$(1)/*.$(2))))

unit_tests = $(call suite,unit,c,t)
fuzz_tests = $(filter-out tests/fuzz/fuzz.t tests/fuzz/replay.t,$(call suite,fuzz,c,t))
cli_tests = $(call suite,cli,bats,bats)
dist_tests = $(call suite,dist,bats,bats)
# Without cmocka, make check says so, and fails.
c_tests = $(fuzz_tests) $(if $(unit_tests_missing),,$(unit_tests))

TESTS = $(c_tests) $(cli_tests)

nodes_tests = $(call suite,nodes,bats,bats) \
	tests/slow/hostile.bats tests/slow/soak.bats tests/slow/traps.bats
