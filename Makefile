# Everything is a script in scripts/; each installs what it lacks and is quick when nothing changed.
.PHONY: run build check test e2e looks lint bench load dist

run:   ; @scripts/run.sh
build: ; @scripts/build.sh
check: ; @scripts/check.sh
test:  ; @scripts/test.sh
e2e:   ; @scripts/e2e.sh
looks: ; @scripts/looks.sh $(ARGS)
lint:  ; @scripts/lint.sh
bench: ; @scripts/bench.sh
load:  ; @scripts/load.sh $(ARGS)
dist:  ; @scripts/dist.sh
