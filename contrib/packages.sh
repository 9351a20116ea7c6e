# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's packages that contop needs, for the scripts beside this file.

build_packages="autoconf automake bpftool clang gcc libbpf-dev libc6-dev libcap-ng-dev
	libcurl4-openssl-dev libinih-dev libjansson-dev libmicrohttpd-dev libncurses-dev
	libnetfilter-conntrack-dev libseccomp-dev libunistring-dev libzmq3-dev make pkg-config uthash-dev zlib1g-dev"

test_packages="bash-completion busybox-static containerd curl docker.io fio fish gzip iperf3 iproute2
	iptables jq libasan8 libcap2-bin libclang-rt-14-dev libcmocka-dev libubsan1 lxc mandoc ncurses-term
	netbase nginx-light podman procps prometheus python3 python3-kubernetes python3-yaml strace systemd
	tmux valgrind xz-utils zsh"

# What contrib/package-deb and tests/packages need beside the above.
package_packages="bash-completion debhelper dpkg-dev fakeroot jq libarchive-tools lintian makepkg
	pacman-package-manager rpm"

# What tests/image builds the image of contrib/container with.
image_packages="debootstrap git podman"

# What virtual machines are made from.
vm_packages="busybox-static cpio dmsetup e2fsprogs iproute2 jq kmod libcap2-bin qemu-system-x86 xz-utils zstd"

# Installs those of the packages that are missing.
install_packages() {
	missing=
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
			missing="$missing $package"
	done
	[ -z "$missing" ] && return
	apt-get update -qq
	# Unquoted: one word each.
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}
