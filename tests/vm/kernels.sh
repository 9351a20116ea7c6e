# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Debian's kernels, from the mirror that apt uses on this machine, by an apt
# configuration of our own: its lists, cache and state are below $CACHE, and
# nothing of the machine's own apt changes.  Unpacked kernels stay in the cache.

# The suites and what people call their kernels; that of sid is whatever is newest.
declare -A SUITES=([5.10]=bullseye [6.1]=bookworm [6.12]=trixie [newest]=sid)
KERNELS=(5.10 6.1 6.12 newest)
PACKAGE=linux-image-cloud-amd64

# Set by kernel_get: why there is none.
KERNEL_REASON=

# The first mirror of Debian itself among those that apt has.
mirror_uri() {
	if [ -n "${CONTOP_VM_MIRROR:-}" ]; then
		echo "$CONTOP_VM_MIRROR"
		return
	fi
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
		sed -n '/^Debian main /{ s///p; q }'
}

# Writes the apt configuration of a suite: private_apt SUITE MIRROR
private_apt() {
	local dir=$CACHE/apt/$1 keyring=/usr/share/keyrings/debian-archive-keyring.gpg options=arch=amd64

	mkdir -p "$dir/state/lists/partial" "$dir/cache/archives/partial" "$dir/parts" || return 1
	: >"$dir/status"
	[ ! -e $keyring ] || options+=" signed-by=$keyring"
	echo "deb [$options] $2 $1 main" >"$dir/sources.list"
	# What the machine's configuration does after an update concerns its own lists.
	cat >"$dir/apt.conf" <<-END
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		#clear APT::Default-Release;
		APT::Architecture "amd64";
		APT::Sandbox::User "$(id -un)";
		Acquire::Languages "none";
		Acquire::Retries "2";
		Dir::State "$dir/state";
		Dir::State::status "$dir/status";
		Dir::Cache "$dir/cache";
		Dir::Etc::SourceList "$dir/sources.list";
		Dir::Etc::SourceParts "$dir/parts";
		Dir::Etc::Preferences "$dir/preferences";
		Dir::Etc::PreferencesParts "$dir/parts";
	END
}

# The packages with the image and the modules: what the empty package depends on.
kernel_packages() {
	apt-cache -c "$1" depends --recurse --no-recommends --no-suggests --no-conflicts \
		--no-breaks --no-replaces --no-enhances "$PACKAGE" 2>/dev/null |
		grep -E '^linux-(image|binary|modules)-.*-cloud-amd64$' | grep -vx "$PACKAGE" | sort -u
}

# fetch_kernel KERNEL DIRECTORY: downloads and unpacks it
fetch_kernel() {
	local suite=${SUITES[$1]} mirror dir conf packages package

	command -v apt-get >/dev/null && command -v dpkg >/dev/null || {
		KERNEL_REASON="no apt here"
		return 1
	}
	mirror=$(mirror_uri)
	[ -n "$mirror" ] || {
		KERNEL_REASON="apt has no Debian mirror here: set CONTOP_VM_MIRROR"
		return 1
	}
	dir=$CACHE/apt/$suite
	conf=$dir/apt.conf
	private_apt "$suite" "$mirror" || return 1
	apt-get -c "$conf" update -q >"$dir/log" 2>&1
	mapfile -t packages < <(kernel_packages "$conf")
	[ ${#packages[@]} -gt 0 ] || {
		KERNEL_REASON="no kernel of $suite on apt's mirror (archived by now? set CONTOP_VM_MIRROR)"
		return 1
	}
	rm -rf "$2.new"
	for package in "${packages[@]}"; do
		(cd "$dir/cache" && apt-get -c "$conf" download -q "$package") >>"$dir/log" 2>&1 &&
			dpkg -x "$dir"/cache/"${package}"_*.deb "$2.new" || {
			KERNEL_REASON="$package could not be downloaded: $(grep '^E:' "$dir/log" | tail -1)"
			return 1
		}
		rm -f "$dir"/cache/"${package}"_*.deb
	done
	rm -rf "$2" && mv "$2.new" "$2" && rm -rf "$dir"
}

# kernel_get KERNEL: sets KERNEL_VERSION, KERNEL_IMAGE and KERNEL_MODULES (as modprobe -d
# takes it). Returns 1 and sets KERNEL_REASON when it cannot be had.
kernel_get() {
	local dir=$CACHE/kernels/$1 modules

	mkdir -p "$CACHE/kernels" || exit 1
	if [ ! -d "$dir" ] || [ "$UPDATE" = 1 ]; then
		echo "# fetching the kernel $1 of Debian ${SUITES[$1]}"
		if ! fetch_kernel "$1" "$dir" && [ ! -d "$dir" ]; then
			return 1
		fi
	fi
	modules=$(find "$dir" -path '*/lib/modules/*' -maxdepth 4 -name '[0-9]*' -type d | head -1)
	KERNEL_VERSION=$(basename "$modules")
	KERNEL_MODULES=${modules%/lib/modules/*}
	KERNEL_IMAGE=$(find "$dir" -name "vmlinuz*" -type f | head -1)
	[ -n "$modules" ] && [ -n "$KERNEL_IMAGE" ] || {
		KERNEL_REASON="the packages of ${SUITES[$1]} hold no kernel"
		return 1
	}
}
