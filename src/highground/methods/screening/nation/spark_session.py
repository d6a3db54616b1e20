"""The Spark session of a run: on this machine, on a cluster, or through Spark Connect."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from highground.methods.store.engine import machine_limits
from highground.methods.store.layout import StoreError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WHERE = "HIGHGROUND_SPARK"
"""Where Spark is: a master URL such as `spark://host:7077`, or `sc://host:15002` for Spark Connect."""

OLDEST_JAVA = 17
NO_SPARK = "PySpark is not installed; install it with: pip install 'highground[spark]'"
MEND_JAVA = (
    f"Spark needs Java {OLDEST_JAVA} or newer: install it (Debian: apt-get install openjdk-17-jre-headless),"
    " or name its folder in JAVA_HOME"
)

SAME = {"spark.sql.ansi.enabled": "true", "spark.sql.session.timeZone": "UTC"}
"""What makes Spark answer as DuckDB does: an overflow is an error, and a day is the same day everywhere."""


@contextmanager
def spark_session() -> Iterator[SparkSession]:
    """A session of its own, on the Spark that is running in this process or else on one that is started for it.

    Raises StoreError where PySpark or Java is missing.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise StoreError(NO_SPARK) from error
    url = os.environ.get("HIGHGROUND_SPARK", "")
    if url.startswith("sc://"):
        with _connected(url) as session:
            yield _same(session)
        return
    running = SparkSession.getActiveSession()
    if running is not None:
        yield _same(running.newSession())
        return
    with tempfile.TemporaryDirectory(prefix="highground-spark-", ignore_cleanup_errors=True) as folder:
        session = start_spark(url, Path(folder))
        try:
            yield _same(session)
        finally:
            session.stop()


def start_spark(url: str, folder: Path) -> SparkSession:
    """Start Spark in this process. `url` is a master URL, or empty for this machine; `folder` takes what it spills."""
    from pyspark.sql import SparkSession

    require_java()
    limits = machine_limits()
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": f"{limits.memory // 1024**2}m",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_quiet(folder)} -Djava.io.tmpdir={folder}",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    if not url:
        url = f"local[{limits.threads}]"
        settings |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.shuffle.partitions": str(4 * limits.threads),
        }
    builder = SparkSession.builder.appName("highground").master(url)
    for name, value in settings.items():
        builder = builder.config(name, value)
    with warnings.catch_warnings():  # nothing of ours goes through pandas
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        return builder.getOrCreate()


def require_java() -> None:
    """Raise StoreError unless there is a Java that Spark can use."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    if java is None:
        raise StoreError(f"no Java was found. {MEND_JAVA}")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    if version is None or int(version[1]) < OLDEST_JAVA:
        raise StoreError(f"{java} is Java {version[1] if version else 'of no known version'}. {MEND_JAVA}")


@contextmanager
def _connected(url: str) -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession

    try:
        session = SparkSession.builder.remote(url).create()
    except ImportError as error:
        raise StoreError(
            f"{WHERE} names Spark Connect, whose packages are missing ({error}); install them with: "
            "pip install 'pyspark[connect]'"
        ) from error
    try:
        yield session
    finally:
        session.stop()


def _same(session: SparkSession) -> SparkSession:
    for name, value in SAME.items():
        session.conf.set(name, value)
    return session


def _quiet(folder: Path) -> Path:
    """Spark's log: errors only."""
    path = folder / "log4j2.properties"
    path.write_text(
        "rootLogger.level = error\n"
        "rootLogger.appenderRef.stderr.ref = stderr\n"
        "appender.stderr.type = Console\n"
        "appender.stderr.name = stderr\n"
        "appender.stderr.target = SYSTEM_ERR\n"
        "appender.stderr.layout.type = PatternLayout\n"
        "appender.stderr.layout.pattern = %d %p %c: %m%n%ex\n"
        # else the gateway, which takes itself for a shell, sets all of Spark to warnings and says so
        "logger.gateway.name = org.apache.spark.api.python.PythonGatewayServer\n"
        "logger.gateway.level = error\n"
    )
    return path
