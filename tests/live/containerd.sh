#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# containerd without Docker: containers of ctr by their ids, those of the kubelet
# by what its annotations call them.
. "$(dirname "$0")/private.sh"
private_begin containerd containerd-shim-runc-v2 ctr runc

# One layer, as docker save would write it.
make_image() {
	local dir=$CASE_DIR/image digest

	mkdir "$dir"
	tar -C "$LIVE_DIR/tree" -cf "$dir/layer.tar" .
	digest=$(sha256sum "$dir/layer.tar" | cut -d' ' -f1)
	cat >"$dir/config.json" <<-END
		{"architecture": "$(dpkg --print-architecture)", "os": "linux", "config": {},
		 "rootfs": {"type": "layers", "diff_ids": ["sha256:$digest"]}, "history": [{}]}
	END
	cat >"$dir/manifest.json" <<-END
		[{"Config": "config.json", "RepoTags": ["localhost/bb:latest"], "Layers": ["layer.tar"]}]
	END
	tar -C "$dir" -cf "$CASE_DIR/image.tar" manifest.json config.json layer.tar
}

containerd_begin() {
	cat >"$CASE_DIR/config.toml" <<-END
		version = 2
		root = "$CASE_DIR/containerd-root"
		state = "/run/containerd"
		disabled_plugins = ["io.containerd.grpc.v1.cri"]
		[grpc]
		  address = "/run/containerd/containerd.sock"
	END
	# Not by in_private: the process id would be that of a shell around it.
	nsenter -t "$PRIVATE" -m containerd -c "$CASE_DIR/config.toml" >"$CASE_DIR/containerd.log" 2>&1 &
	CONTAINERD=$!
	wait_until 20 ctr version >/dev/null 2>&1 ||
		skip "containerd does not start: $(tail -1 "$CASE_DIR/containerd.log")"
}

ctr() {
	in_private "$(type -P ctr)" "$@"
}

# shellcheck disable=SC2317
containerd_end() {
	local status=$? namespace task

	for namespace in default k8s.io; do
		for task in $(ctr -n $namespace tasks ls -q); do
			ctr -n $namespace tasks rm -f "$task"
		done
	done >/dev/null 2>&1
	end_process "$CONTAINERD"
	private_end "$status" default k8s.io
}

# kubernetes ID CONTAINER COMMAND...: as the kubelet has it run; CONTAINER "": the sandbox
kubernetes() {
	local id=$1 name=$2 annotations
	shift 2
	annotations=(--annotation io.kubernetes.cri.sandbox-name=shop-7d9f
		--annotation io.kubernetes.cri.sandbox-namespace=sales)
	if [ -n "$name" ]; then
		annotations+=(--annotation io.kubernetes.cri.container-type=container
			--annotation "io.kubernetes.cri.container-name=$name"
			--annotation io.kubernetes.cri.image-name=registry.example/shop:1)
	else
		annotations+=(--annotation io.kubernetes.cri.container-type=sandbox)
	fi
	ctr -n k8s.io run --null-io "${annotations[@]}" ${OPTIONS:-} localhost/bb:latest "$id" "$@"
}

# id DIGIT
id() {
	printf "$1%.0s" {1..64}
}

make_image
containerd_begin
trap containerd_end EXIT
for namespace in default k8s.io; do
	ctr -n $namespace images import "$CASE_DIR/image.tar" >/dev/null || die "no image"
done
begin=$(date +%s)
ctr run -d --null-io localhost/bb:latest plain sleep 600 ||
	skip "containerd cannot run containers: $(tail -1 "$CASE_DIR/containerd.log")"
OPTIONS="-d --net-host" kubernetes "$(id a)" before sleep 600
OPTIONS=-d kubernetes "$(id b)" "" sleep 600
contop_run
contop_next
ctr run -d --null-io localhost/bb:latest plain-live sleep 600
OPTIONS=-d kubernetes "$(id c)" live sleep 600
contop_next 2
ctr run --rm --null-io localhost/bb:latest plain-short sleep 0.1
OPTIONS=--rm kubernetes "$(id d)" short sleep 0.1
contop_next
ctr -n k8s.io tasks rm -f "$(id c)" >/dev/null 2>&1
ctr tasks rm -f plain-live >/dev/null 2>&1
contop_next 2
contop_stop

is_container "plain" plain name plain runtime containerd state running
is_recent "plain" plain "$begin"
is_container "plain-live" plain-live name plain-live state "exited running"
is_container "plain-short" plain-short name plain-short
is_container "before" "$(id a)" name before pod shop-7d9f namespace sales \
	image registry.example/shop:1 runtime containerd state running network_mode host
is_recent "before" "$(id a)" "$begin"
is_container "sandbox" "$(id b)" name shop-7d9f pod shop-7d9f namespace sales network_mode null
is_container "live" "$(id c)" name live pod shop-7d9f state "exited running"
is_container "short" "$(id d)" name short pod shop-7d9f
is "short: exited" "$(row "$(id d)" state | grep -c exited)" 1
