/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <numa.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "numa/device.h"
#include "util/file.h"
#include "util/text.h"

/* The last warning of libnuma during a lookup: the reason for the failure. */
static _Thread_local struct {
	char text[256];
	int saved_errno;
} heard;

/* Visible to libnuma even if the compiler hides symbols. */
__attribute__((format(printf, 2, 3), visibility("default"))) void numa_warn(int num, char *format,
									    ...)
{
	va_list args;

	(void)num;
	heard.saved_errno = errno;
	va_start(args, format);
	vsnprintf(heard.text, sizeof(heard.text), format, args);
	va_end(args);
}

__attribute__((visibility("default"))) void numa_error(char *where)
{
	heard.saved_errno = errno;
	snprintf(heard.text, sizeof(heard.text), "%s", where);
}

/* The beginnings of libnuma's warnings, and our messages for them. */
static const struct {
	const char *theirs;
	const char *ours;
	bool errno_tells; /* append the text of errno */
} wordings[] = {
	{ "Kernel does not know node", "is not attached to a known node", false },
	{ "Cannot read node mask", "does not exist or has no NUMA node", false },
	{ "Cannot stat file", "cannot be accessed", true },
	{ "Cannot find block device", "is not on a block device", false },
	{ "Cannot enumerate", "cannot be found: sysfs lists no such devices", false },
	{ "Cannot parse sysfs device", "cannot be found in sysfs", false },
	{ "Illegal characters", "is not a valid device name (no '/' or '.')", false },
	{ "Cannot parse PCI device", "is not a PCI address ([SEG:]BUS:DEV[.FUNC])", false },
	{ "Cannot resolve network", "is reached through an unknown network device", false },
	{ "Cannot resolve", "cannot be resolved", false },
	{ "rtnetlink query", "is not reached through a network device", false },
	{ "Cannot request rtnetlink", "cannot be reached", true },
	{ "Cannot handle network", "has an address of an unknown family", false },
};

/* libnuma finds devices of root buses only, but most are behind a bridge. */
static bool find_pci(const char *device, struct nodeset *nodes)
{
	unsigned int segment = 0, bus, slot, function = 0;
	char path[64];
	uint64_t node;
	int end = 0;

	if (sscanf(device, "pci:%4x:%2x:%2x%n.%1x%n", &segment, &bus, &slot, &end, &function,
		   &end) < 3) {
		segment = 0;
		if (sscanf(device, "pci:%2x:%2x%n.%1x%n", &bus, &slot, &end, &function, &end) < 2)
			return false;
	}
	if (device[end] != '\0')
		return false;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%04x:%02x:%02x.%x/numa_node", segment,
		 bus, slot, function);
	if (file_read_number(AT_FDCWD, path, NODES_MAX - 1, &node))
		return false;
	nodeset_add(nodes, (int)node);
	return true;
}

int device_nodes(const char *text, size_t len, struct nodeset *nodes, char *why, size_t why_size)
{
	char device[PATH_MAX + 8], detail[100];
	struct bitmask *found;

	*nodes = (struct nodeset){ 0 };
	if (numa_available() < 0) {
		snprintf(why, why_size, "cannot be resolved: this kernel has no NUMA support");
		return -ENOSYS;
	}
	if (len >= sizeof(device)) {
		snprintf(why, why_size, "is too long");
		return -ENAMETOOLONG;
	}
	if (memchr(text, '\0', len)) {
		snprintf(why, why_size, "contains a NUL character");
		return -EINVAL;
	}
	memcpy(device, text, len);
	device[len] = '\0';
	if (find_pci(device, nodes))
		return 0;
	heard.text[0] = '\0';
	found = numa_parse_nodestring(device);
	for (int n = 0; found && n < NODES_MAX; n++)
		if (numa_bitmask_isbitset(found, (unsigned int)n))
			nodeset_add(nodes, n);
	numa_bitmask_free(found);
	if (!nodeset_empty(nodes))
		return 0;
	for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
		if (strncmp(heard.text, wordings[i].theirs, strlen(wordings[i].theirs)) != 0)
			continue;
		snprintf(why, why_size, wordings[i].errno_tells ? "%s (%s)" : "%s",
			 wordings[i].ours, strerror_r(heard.saved_errno, detail, sizeof(detail)));
		return -EINVAL;
	}
	text_escape(heard.text, strcspn(heard.text, "\n"), detail, sizeof(detail));
	snprintf(why, why_size, "cannot be resolved to a node (libnuma: %s)",
		 *detail ? detail : "silent");
	return -EINVAL;
}
