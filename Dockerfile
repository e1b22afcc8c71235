# Three images that share nothing but the base: `site` and `officer` cannot reach records, because the code is not in
# them (ring 3).
FROM python:3.11-slim AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
COPY requirements/ requirements/

FROM base AS site
RUN pip install --no-cache-dir --require-hashes -r requirements/site.txt
COPY publisher/__init__.py publisher/errors.py publisher/lifeline.py publisher/
COPY publisher/release/ publisher/release/
COPY web/__init__.py web/
COPY web/public/ web/public/
RUN useradd --system --uid 10001 site
USER site
EXPOSE 8000
CMD ["python", "-m", "web.public", "--public", "/public", "--port", "8000", "--host", "0.0.0.0"]

FROM base AS officer
RUN pip install --no-cache-dir --require-hashes -r requirements/officer.txt
COPY publisher/__init__.py publisher/errors.py publisher/chain.py publisher/files.py publisher/lifeline.py \
     publisher/log.py publisher/opaque.py publisher/periods.py publisher/settings.py publisher/slots.py publisher/
COPY publisher/desk/ publisher/desk/
COPY publisher/policy/ publisher/policy/
COPY publisher/release/__init__.py publisher/release/model.py publisher/release/
COPY web/__init__.py web/
COPY web/officer/ web/officer/
RUN useradd --system --uid 10002 officer
USER officer
EXPOSE 8001
ENTRYPOINT ["python", "-m", "web.officer", "--officer", "/officer", "--port", "8001", "--host", "0.0.0.0"]

FROM base AS publisher
RUN pip install --no-cache-dir --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md ./
COPY publisher/ publisher/
COPY web/ web/
COPY policies/ policies/
RUN useradd --system --uid 10002 --create-home publisher
USER publisher
ENTRYPOINT ["python", "-m", "publisher"]
