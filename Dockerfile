# The image of any service: docker build --build-arg SERVICE=catalog --tag sojourn/catalog .
# `make images` builds all of them. What stands above the first ARG SERVICE is the same for all, and built once.

FROM python:3.13-slim AS builder
ENV UV_PYTHON_DOWNLOADS=never UV_NO_CACHE=1 UV_LINK_MODE=copy PYC_INVALIDATION_MODE=UNCHECKED_HASH
WORKDIR /build
COPY requirements.lock .
# uv itself is verified by its hash too.
RUN sed -n '/^uv==/,/[^\\]$/p' requirements.lock > uv.txt \
 && python -m pip install -q --no-cache-dir --require-hashes --target /opt/uv -r uv.txt
ENV PATH=/opt/uv/bin:$PATH
COPY deploy/image/needs.py .

# The stubs of the contracts. Their generators stay here.
FROM builder AS stubs
RUN printf 'grpcio-tools\nmypy-protobuf\n' > needs.txt \
 && uv venv -q /opt/generators \
 && VIRTUAL_ENV=/opt/generators uv pip install -q --verify-hashes -c requirements.lock -r needs.txt
COPY protos protos
RUN /opt/generators/bin/python protos/generate.py

# Others' libraries that the services have in common: the largest layer, the same in all images until the lock changes.
FROM builder AS shared
COPY chassis/pyproject.toml chassis/
COPY protos/pyproject.toml protos/
RUN python needs.py chassis/pyproject.toml protos/pyproject.toml > needs.txt \
 && uv venv -q /opt/sojourn \
 && VIRTUAL_ENV=/opt/sojourn uv pip install -q --compile-bytecode --verify-hashes -c requirements.lock -r needs.txt \
 && rm -f /opt/sojourn/.lock
COPY deploy/image/launch.py /opt/sojourn/

# What one service adds to them: its own libraries, the stubs and the chassis if it runs on them, and its package.
FROM shared AS service
COPY chassis chassis
COPY --from=stubs /build/protos protos
ARG SERVICE
ARG FOLDER=services/$SERVICE
COPY $FOLDER $FOLDER
RUN touch before && mkdir /added \
 && members=$FOLDER && if grep -q sojourn-chassis $FOLDER/pyproject.toml; then members="protos chassis $FOLDER"; fi \
 && for member in $members; do uv build -q --wheel --out-dir wheels $member || exit 1; done \
 && python needs.py $FOLDER/pyproject.toml > needs.txt \
 && export VIRTUAL_ENV=/opt/sojourn \
 && uv pip install -q --compile-bytecode --verify-hashes -c requirements.lock -r needs.txt \
 && uv pip install -q --compile-bytecode --no-deps wheels/*.whl \
 && rm -f /opt/sojourn/.lock \
 && find /opt/sojourn -cnewer before -not -type d -print0 | tar --create --null --files-from - | tar --extract --directory /added

FROM python:3.13-slim
# No installer at run time; the standard library compiled, which the official image has not; a name for the user.
RUN rm -rf /usr/local/bin/pip* /usr/bin/pip* /usr/local/bin/idle* /usr/local/bin/pydoc* \
      /usr/local/lib/python3*/site-packages/* /usr/local/lib/python3*/ensurepip \
      /usr/lib/python3*/ensurepip /usr/share/python-wheels \
      /usr/lib/python3/dist-packages/pip* /usr/lib/python3/dist-packages/setuptools* /usr/lib/python3/dist-packages/wheel* \
      /usr/lib/python3/dist-packages/pkg_resources /usr/lib/python3/dist-packages/_distutils_hack \
 && python -m compileall -q -x '/(test|tests|idlelib|turtledemo|tkinter|lib2to3)/' "$(python -c 'import os; print(os.path.dirname(os.__file__))')" \
 && echo 'sojourn:x:10001:10001::/var/lib/sojourn:/usr/sbin/nologin' >> /etc/passwd && echo 'sojourn:x:10001:' >> /etc/group \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/sojourn
COPY --from=shared /opt/sojourn /opt/sojourn
# Settings come from the environment; these are the container's own defaults. What keeps files keeps them in /var/lib/sojourn, where a
# volume belongs: all else of the file system may be read-only.
ENV PATH=/opt/sojourn/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 \
    LEDGER_PATH=/var/lib/sojourn/ledger.sqlite3 MAILBOX_PATH=/var/lib/sojourn/letters.sqlite3
WORKDIR /var/lib/sojourn
USER 10001:10001
# No shell stands between the signals and Python, which is process 1.
ENTRYPOINT ["/opt/sojourn/bin/python", "-P", "/opt/sojourn/launch.py"]
COPY --from=service /added /
ARG SERVICE
ARG HTTP_PORT=8080
ENV SERVICE=$SERVICE HTTP_PORT=$HTTP_PORT
ARG VERSION=0
ARG REVISION=unknown
ARG CREATED=
ARG SOURCES=
LABEL org.opencontainers.image.title="sojourn-$SERVICE" \
      org.opencontainers.image.vendor="Sojourn" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.created=$CREATED \
      org.opencontainers.image.base.name="python:3.13-slim" \
      sojourn.sources=$SOURCES
