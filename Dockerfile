FROM python:3.13-slim AS build
COPY requirements.txt /
# An environment without pip, filled from outside: what installs stays in this stage.
RUN python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --no-cache-dir --only-binary :all: --require-hashes -r /requirements.txt

FROM python:3.13-slim
# One process has one core, and a machine with more of them has more processes: JAX (NPROC) and the libraries below NumPy
# would otherwise start a thread for every core they see.
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    JAX_PLATFORMS=cpu \
    NPROC=1 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1 \
    JAX_COMPILATION_CACHE_DIR=/var/cache/jax \
    JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0 \
    JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES=-1 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_SERVER_FILE_WATCHER_TYPE=none
RUN useradd --uid 1000 --create-home app && install --directory --owner app /var/cache/jax
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
USER 1000
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['STREAMLIT_SERVER_PORT']}/_stcore/health\", timeout=4)"]
CMD ["streamlit", "run", "app.py"]
