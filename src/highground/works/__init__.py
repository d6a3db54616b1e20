"""What is built and started in villages: services and works, industry and assets, assistance projects, and studies."""
