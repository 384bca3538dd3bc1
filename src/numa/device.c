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

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The last thing libnuma says while one device is asked for: what made it give up. */
struct capture {
	char text[256];
	int saved_errno;
};

/* libnuma hands its hooks no argument, so this is how they find whom to tell. */
static _Thread_local struct capture *capture;

static void capture_take(const char *text)
{
	if (!capture)
		return;
	capture->saved_errno = errno;
	snprintf(capture->text, sizeof(capture->text), "%s", text);
}

/* Seen from libnuma whatever the compiler is told to hide. */
__attribute__((format(printf, 2, 3), visibility("default"))) void numa_warn(int num, char *format,
									    ...)
{
	char text[sizeof(capture->text)];
	int saved_errno = errno;
	va_list args;

	(void)num;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	errno = saved_errno;
	capture_take(text);
}

__attribute__((visibility("default"))) void numa_error(char *where)
{
	capture_take(where);
}

/* Warnings of libnuma by how they begin, in our words. */
static const struct {
	const char *theirs;
	const char *ours;
	bool errno_tells; /* errno says why */
} wordings[] = {
	{ "Kernel does not know node", "belongs to no node that the kernel knows of", false },
	{ "Cannot read node mask", "is no device here, or is one without a node", false },
	{ "Cannot stat file", "cannot be looked at", true },
	{ "Cannot find block device", "is on no block device", false },
	{ "Cannot enumerate", "cannot be looked up, as sysfs lists no such devices", false },
	{ "Cannot parse sysfs device", "cannot be looked up in sysfs", false },
	{ "Illegal characters", "is no plain device name ('/' and '.' cannot be in one)", false },
	{ "Cannot parse PCI device", "is no PCI address ([SEG:]BUS:DEV[.FUNC])", false },
	{ "Cannot resolve network", "is reached through an unknown network device", false },
	{ "Cannot resolve", "is no host that can be resolved", false },
	{ "rtnetlink query", "is not reached through a network device", false },
	{ "Cannot request rtnetlink", "has no route to it", true },
	{ "Cannot handle network", "has an address of an unknown kind", false },
};

/* The end of a sentence that begins with the device. */
static void why_put(const struct capture *heard, char *why, size_t size)
{
	char quoted[100];
	const char *reason;

	for (size_t i = 0; i < ARRAY_SIZE(wordings); i++) {
		if (strncmp(heard->text, wordings[i].theirs, strlen(wordings[i].theirs)))
			continue;
		reason = strerror_r(heard->saved_errno, quoted, sizeof(quoted));
		if (wordings[i].errno_tells)
			snprintf(why, size, "%s (%s)", wordings[i].ours, reason);
		else
			snprintf(why, size, "%s", wordings[i].ours);
		return;
	}
	text_escape(heard->text, strcspn(heard->text, "\n"), quoted, sizeof(quoted));
	snprintf(why, size, "leads to no node (libnuma: %s)", *quoted ? quoted : "silent");
}

static struct bitmask *device_ask(const char *device, struct capture *heard)
{
	struct bitmask *found;

	capture = heard;
	found = numa_parse_nodestring(device);
	capture = NULL;
	return found;
}

static bool pci_parse(const char *device, unsigned int at[4])
{
	unsigned int *segment = &at[0], *bus = &at[1], *slot = &at[2], *function = &at[3];
	int end = 0;

	*segment = *function = 0;
	if (sscanf(device, "pci:%4x:%2x:%2x%n.%1x%n", segment, bus, slot, &end, function, &end) <
	    3) {
		*segment = 0;
		if (sscanf(device, "pci:%2x:%2x%n.%1x%n", bus, slot, &end, function, &end) < 2)
			return false;
	}
	return device[end] == '\0';
}

/* libnuma finds devices of root buses only, and most are behind a bridge. */
static bool pci_resolve(const char *device, struct nodeset *nodes)
{
	char path[64];
	unsigned int at[4];
	uint64_t node;

	if (!pci_parse(device, at))
		return false;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%04x:%02x:%02x.%x/numa_node", at[0],
		 at[1], at[2], at[3]);
	if (file_read_number(AT_FDCWD, path, NODES_MAX - 1, &node))
		return false;
	nodeset_add(nodes, (int)node);
	return true;
}

static int device_resolve(const char *device, struct nodeset *nodes, char *why, size_t why_size)
{
	struct capture heard = { .text = "" };
	struct bitmask *found = device_ask(device, &heard);

	for (int n = 0; found && n < NODES_MAX; n++)
		if (numa_bitmask_isbitset(found, (unsigned int)n))
			nodeset_add(nodes, n);
	numa_bitmask_free(found);
	if (!nodeset_empty(nodes))
		return 0;
	why_put(&heard, why, why_size);
	return -EINVAL;
}

int device_nodes(void *arg, const char *text, size_t len, struct nodeset *nodes, char *why,
		 size_t why_size)
{
	char device[PATH_MAX + 8];

	(void)arg;
	*nodes = (struct nodeset){ 0 };
	if (numa_available() < 0) {
		snprintf(why, why_size, "cannot be looked up, as this kernel has no NUMA");
		return -ENOSYS;
	}
	if (len >= sizeof(device)) {
		snprintf(why, why_size, "is too long");
		return -ENAMETOOLONG;
	}
	if (memchr(text, '\0', len)) {
		snprintf(why, why_size, "is no name, as it holds a NUL");
		return -EINVAL;
	}
	memcpy(device, text, len);
	device[len] = '\0';
	if (pci_resolve(device, nodes))
		return 0;
	return device_resolve(device, nodes, why, why_size);
}
