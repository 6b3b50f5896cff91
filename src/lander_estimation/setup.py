from setuptools import find_packages, setup

package = 'lander_estimation'

setup(
    name=package,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package]),
        ('share/' + package, ['package.xml']),
        ('share/' + package + '/config', ['config/state_estimator.yaml']),
    ],
    install_requires=['setuptools'],
    extras_require={'test': ['pytest']},
    maintainer='Frigoris maintainers',
    maintainer_email='frigoris@example.org',
    description='Navigation filter: error-state Kalman filter with a terrain state.',
    license='Apache-2.0',
    entry_points={'console_scripts': ['state_estimator = lander_estimation.state_estimator_node:main']},
)
