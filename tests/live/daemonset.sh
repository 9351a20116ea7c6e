#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The rights that contrib/kubernetes gives contop on a node are enough: a container
# with these and no others counts all there is, and serves it.
. "$(dirname "$0")/lib.sh"
case_begin
"$CONTOP" --listen 0 2>&1 | grep -q 'without libmicrohttpd' && skip "built without libmicrohttpd"
for tool in curl python3; do
	command -v $tool >/dev/null || skip "no $tool"
done

# The DaemonSet's container as options of docker run, one per line, then "--" and its arguments.
daemonset_options() {
	python3 - "$LIVE_SOURCE/../../contrib/kubernetes/contop.yaml" <<-'END'
		import sys, yaml
		for document in yaml.safe_load_all(open(sys.argv[1])):
		    if document["kind"] != "DaemonSet":
		        continue
		    pod = document["spec"]["template"]["spec"]
		    container, = pod["containers"]
		    context = container["securityContext"]
		    paths = {v["name"]: v["hostPath"]["path"] for v in pod["volumes"]}
		    assert context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"]
		    assert pod["hostPID"] and not context.get("privileged")
		    print("--pid=host", "--read-only", "--security-opt=no-new-privileges", sep="\n")
		    for name in context["capabilities"]["drop"]:
		        print(f"--cap-drop={name}")
		    for name in context["capabilities"]["add"]:
		        print(f"--cap-add={name}")
		    for mount in container["volumeMounts"]:
		        print(f"--volume={paths[mount['name']]}:{mount['mountPath']}:ro")
		    print("--", *container["args"], sep="\n")
	END
}

# unknown FILE: what Kubernetes, by the models that its own client is made from, does not know
# there, misses, or has as something else. They are Debian's, for its own python3.
unknown() {
	/usr/bin/python3 - "$1" <<-'END'
		import re, sys, yaml
		from kubernetes import client

		def check(kind, value, where):
		    if item := re.fullmatch(r"list\[(.+)\]", kind):
		        for i, part in enumerate(value):
		            check(item[1], part, f"{where}[{i}]")
		    elif item := re.fullmatch(r"dict\(str, (.+)\)", kind):
		        for key, part in value.items():
		            check(item[1], part, f"{where}.{key}")
		    elif model := getattr(client, kind, None):
		        names = {name: member for member, name in model.attribute_map.items()}
		        for key in set(value) - set(names):
		            print(f"{where}.{key} is unknown")
		        members = {names[key]: part for key, part in value.items() if key in names}
		        try:
		            model(**members)
		        except ValueError as error:
		            print(f"{where}: {error}")
		        for member, part in members.items():
		            check(model.openapi_types[member], part, f"{where}.{model.attribute_map[member]}")
		    elif kind in ("str", "int", "bool") and type(value).__name__ != kind:
		        print(f"{where} is no {kind}")

		for document in yaml.safe_load_all(open(sys.argv[1])):
		    check("V1" + document["kind"], document, document["kind"])
	END
}

/usr/bin/python3 -c 'import kubernetes' 2>/dev/null || skip "no kubernetes for /usr/bin/python3"
yaml=$LIVE_SOURCE/../../contrib/kubernetes/contop.yaml
is "what Kubernetes does not know" "$(unknown "$yaml" 2>&1)" ""
sed 's/hostPID/hostPid/; s/image: .*/image: 1/; s/containerPort: .*/hostPort: 1/' "$yaml" >"$CASE_DIR/wrong.yaml"
is "mistakes that are found" "$(unknown "$CASE_DIR/wrong.yaml" | wc -l)" 3
python3 -c 'import yaml' 2>/dev/null || skip "no yaml for python3"
mapfile -t words < <(daemonset_options)
options=()
while [ "${words[0]:-}" ] && [ "${words[0]}" != -- ]; do
	# What this machine itself has not, it cannot give.
	case ${words[0]} in
	--cap-add=*)
		if docker run --rm "${words[0]}" bb true 2>/dev/null; then
			options+=("${words[0]}")
		else
			echo "# this machine has no ${words[0]#--cap-add=}"
		fi
		;;
	--volume=/sys/kernel/tracing:*) [ ! -d /sys/kernel/tracing ] || options+=("${words[0]}") ;;
	*) options+=("${words[0]}") ;;
	esac
	words=("${words[@]:1}")
done

import_contop contop
docker run -d --name idle bb sleep 1000 >/dev/null || die "container idle did not start"
docker run -d --name contop "${options[@]}" contop "${words[@]:1}" >/dev/null ||
	die "contop does not start"
page() {
	in_network curl -sf "http://$(address4 contop):9435/metrics"
}
wait_until 20 page >/dev/null || die "no metrics: $(docker logs contop 2>&1)"
id=$(id_of idle | cut -c1-12)
page >"$CASE_DIR/page"
is "panes that are not counted" "$(grep -c '^contop_pane_available{.*} 0$' "$CASE_DIR/page")" 0
is "panes that are" "$(grep -c '^contop_pane_available{.*} 1$' "$CASE_DIR/page")" 4
is "another container" \
	"$(grep -c "^contop_container_running{id=\"$id\",.*} 1$" "$CASE_DIR/page")" 1
docker stop contop >/dev/null
is "exit status" "$(docker inspect -f '{{.State.ExitCode}}' contop)" 0
is "what it said" "$(docker logs contop 2>&1)" ""
