/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fake machines: trees of files for functions that read /proc and /sys below a root directory.
 */
#ifndef TREE_H
#define TREE_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

struct tree_file {
	const char *path; /* below the root; directories are made as needed */
	const char *text; /* NULL: a directory */
};

#define TREE_TEMPLATE "/tmp/numapages-tree-XXXXXX"

static inline void tree_add(const char *root, const struct tree_file *file)
{
	char path[512];
	int n = snprintf(path, sizeof(path), "%s/%s", root, file->path);
	int fd;

	assert_in_range(n, 1, sizeof(path) - 1);
	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		assert_true(!mkdir(path, 0700) || errno == EEXIST);
		*slash = '/';
	}
	if (!file->text)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, file->text, strlen(file->text)), strlen(file->text));
	assert_int_equal(close(fd), 0);
}

/* Make at most count files, up to one without a path; root is a TREE_TEMPLATE. */
static inline void tree_make(char *root, const struct tree_file *files, size_t count)
{
	assert_non_null(mkdtemp(root));
	for (size_t i = 0; i < count && files[i].path; i++)
		tree_add(root, &files[i]);
}

static inline int tree_path_remove(const char *path, const struct stat *st, int type,
				   struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void tree_remove(const char *root)
{
	assert_int_equal(nftw(root, tree_path_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
