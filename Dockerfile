# One image for web, worker and beat; docker-compose.yml says which is which.

FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
RUN /opt/venv/bin/python -m pip install --only-binary :all: --require-hashes --requirement /tmp/requirements.txt

FROM python:3.12-slim-bookworm
# The pinned zone database, not the system's; no bytecode, because the files are not ours to write.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONTZPATH="" \
    DJANGO_ENV=production DJANGO_SETTINGS_MODULE=harmoniously.settings STATIC_ROOT=/srv/static
RUN groupadd --gid 10001 app && useradd --uid 10001 --gid app --no-create-home --shell /usr/sbin/nologin app
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/app
# .dockerignore keeps the demo, the tests and every local file out.
COPY . .
# The settings are complete but invented here; the real ones come when the container starts.
RUN set -a && . ./.ci/production.env && set +a && python manage.py collectstatic --noinput && rm -r .ci \
    && install -d -o app -g app /var/lib/harmoniously
USER app
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 CMD ["python", "-m", "harmoniously.probe", "livez"]
CMD ["gunicorn", "harmoniously.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", \
     "--max-requests", "2000", "--max-requests-jitter", "200", "--timeout", "60", "--worker-tmp-dir", "/dev/shm", \
     "--no-control-socket", "--access-logfile", "-", "--access-logformat", "%(t)s %(m)s %(U)s %(s)s %(M)sms"]
